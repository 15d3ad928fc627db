"""Outbox, inbox and idempotency keys; modules, assignments, meetings, actions, units."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.kernel(1):
        op.execute(statement)
    op.create_table(
        "units",
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("parent_id", sa.String),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_units"),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"])
    _modules()
    _assignments()
    _practice()


def _modules() -> None:
    op.create_table(
        "modules",
        sa.Column("module_id", sa.String, nullable=False),
        sa.Column("draft", JSONB, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("published_hash", sa.String),
        sa.PrimaryKeyConstraint("module_id", name="pk_modules"),
    )
    op.create_table(
        "module_versions",
        sa.Column("module_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("module_id", "version", name="pk_module_versions"),
        sa.ForeignKeyConstraint(
            ["module_id"], ["modules.module_id"], name="fk_module_versions_module_id_modules"
        ),
    )


def _assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("module_id", sa.String, nullable=False),
        sa.Column("module_version", sa.Integer, nullable=False),
        sa.Column("items", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
        sa.ForeignKeyConstraint(
            ["module_id", "module_version"],
            ["module_versions.module_id", "module_versions.version"],
            name="fk_assignments_module_id_module_version_module_versions",
        ),
    )
    op.create_index("ix_assignments_rollout_id", "assignments", ["rollout_id"])
    op.create_index("ix_assignments_unit_id_rollout_id", "assignments", ["unit_id", "rollout_id"])


def _practice() -> None:
    op.create_table(
        "meetings",
        sa.Column("meeting_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("assignment_id", sa.Uuid),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("held_on", sa.Date, nullable=False),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("meeting_id", name="pk_meetings"),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.assignment_id"],
            name="fk_meetings_assignment_id_assignments",
        ),
    )
    op.create_index("ix_meetings_unit_id_rollout_id", "meetings", ["unit_id", "rollout_id"])
    op.create_table(
        "actions",
        sa.Column("action_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("behaviour", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("check_back_on", sa.Date, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("note", sa.String),
        sa.PrimaryKeyConstraint("action_id", name="pk_actions"),
    )
    op.create_index("ix_actions_unit_id_rollout_id", "actions", ["unit_id", "rollout_id"])


def downgrade() -> None:
    for table in ("actions", "meetings", "assignments", "module_versions", "modules", "units"):
        op.drop_table(table)
