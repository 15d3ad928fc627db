"""Units end; what they did stays, and who may see it follows from the tree of today."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("dissolved_on", sa.Date))
