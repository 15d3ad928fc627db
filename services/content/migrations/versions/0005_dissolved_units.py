"""Units end; what they did stays."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("dissolved_on", sa.Date))
