"""Pauses, withdrawn evidence, when rounds close, and what other services have published.

Expand only: every column is nullable or has a default, and older code does not read it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "journeys", sa.Column("pauses", JSONB, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("evidence", sa.Column("withdrawn_at", MOMENT))
    op.create_table(
        "round_times",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("occasion", sa.String, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "unit_id", "occasion", name="pk_round_times"),
    )
    op.create_table(
        "published_references",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "version", name="pk_published_references"),
    )


def downgrade() -> None:
    op.drop_table("published_references")
    op.drop_table("round_times")
    op.drop_column("evidence", "withdrawn_at")
    op.drop_column("journeys", "pauses")
