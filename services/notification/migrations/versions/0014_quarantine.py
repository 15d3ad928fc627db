"""Nothing is sent while the row is there that a restore leaves."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quarantine",
        sa.Column("single", sa.Boolean, primary_key=True, server_default=sa.true()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("single", name="single"),
    )


def downgrade() -> None:
    op.drop_table("quarantine")
