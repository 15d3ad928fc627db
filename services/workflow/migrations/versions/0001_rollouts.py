"""Outbox, inbox and idempotency keys; rollouts, their transitions, journeys and evidence."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for statement in migrations.kernel(1):
        op.execute(statement)
    op.create_table(
        "rollouts",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("phase", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", name="pk_rollouts"),
    )
    op.create_index("ix_rollouts_status", "rollouts", ["status"])
    _transitions()
    _journeys()
    _evidence()


def _transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reason", sa.String),
        sa.Column("detail", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "version", name="pk_transitions"),
        sa.UniqueConstraint(
            "rollout_id", "request_id", name="uq_transitions_rollout_id_request_id"
        ),
        sa.ForeignKeyConstraint(
            ["rollout_id"], ["rollouts.rollout_id"], name="fk_transitions_rollout_id_rollouts"
        ),
    )


def _journeys() -> None:
    op.create_table(
        "journeys",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("wave", sa.Integer),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("step_started_at", MOMENT),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("release_id", sa.Uuid),
        sa.Column("asked_at", MOMENT),
        sa.Column("refused", sa.String),
        sa.Column("refused_detail", sa.String),
        sa.Column("paused_reason", sa.String),
        sa.Column("after_care_on", JSONB, nullable=False, server_default=sa.text("'[]'")),
        sa.PrimaryKeyConstraint("rollout_id", "unit_id", name="pk_journeys"),
        sa.ForeignKeyConstraint(
            ["rollout_id"], ["rollouts.rollout_id"], name="fk_journeys_rollout_id_rollouts"
        ),
    )
    op.create_index("ix_journeys_rollout_id_wave", "journeys", ["rollout_id", "wave"])


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reference", sa.Uuid, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
        sa.Column("traceparent", sa.String),
        sa.PrimaryKeyConstraint("rollout_id", "unit_id", "kind", "reference", name="pk_evidence"),
        sa.ForeignKeyConstraint(
            ["rollout_id", "unit_id"],
            ["journeys.rollout_id", "journeys.unit_id"],
            name="fk_evidence_rollout_id_unit_id_journeys",
        ),
    )


def downgrade() -> None:
    for table in ("evidence", "journeys", "transitions", "rollouts"):
        op.drop_table(table)
