"""The results of self-tests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "self_tests",
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("releases", sa.Integer, nullable=False),
        sa.Column("rounds", sa.Integer, nullable=False),
        sa.Column("shown_cells", sa.Integer, nullable=False),
        sa.Column("is_finished", sa.Boolean, nullable=False),
        sa.Column("checks", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("checked_at", name="pk_self_tests"),
    )
