"""Who manages a unit is known to the people service alone: it is asked."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("unit_managers")
