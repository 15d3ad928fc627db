"""The rounds that are open, so that who joins a unit later is invited too.

Rounds that were opened before this migration are not in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "open_rounds",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("round_id", name="pk_open_rounds"),
    )
    op.create_index("ix_open_rounds_unit_id", "open_rounds", ["unit_id"])
