"""Pauses hold rounds and move their closing times; rollouts that are known."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW_COLUMNS = {
    "held_since": MOMENT,
    "moved_by": sa.Interval(),
    "extended_at": MOMENT,
    "extension_reason": sa.String(),
}


def upgrade() -> None:
    for name, kind in NEW_COLUMNS.items():
        op.add_column("rounds", sa.Column(name, kind))
    op.create_table(
        "pauses",
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_pauses"),
    )
    op.create_index("ix_pauses_rollout_id", "pauses", ["rollout_id"])
    op.create_table(
        "rollouts",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", name="pk_rollouts"),
    )
