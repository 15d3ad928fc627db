"""Units end: their people's assignments end with them, or go on in the successor."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("dissolved_on", sa.Date))
    op.add_column("units", sa.Column("successor_id", sa.Text))
