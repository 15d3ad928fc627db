"""Corrections and withdrawals of evidence; rollouts that are known."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table in ("meetings", "actions"):
        op.add_column(table, sa.Column("withdrawn_at", MOMENT))
    op.create_table(
        "evidence_changes",
        sa.Column("change_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("change_id", name="pk_evidence_changes"),
    )
    op.create_index(
        "ix_evidence_changes_unit_id_rollout_id", "evidence_changes", ["unit_id", "rollout_id"]
    )
    op.create_table(
        "rollouts",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", name="pk_rollouts"),
    )


def downgrade() -> None:
    for table in ("rollouts", "evidence_changes"):
        op.drop_table(table)
    for table in ("meetings", "actions"):
        op.drop_column(table, "withdrawn_at")
