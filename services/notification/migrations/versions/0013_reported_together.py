"""With which units a round's unit is reported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "open_rounds", sa.Column("together", ARRAY(sa.Text), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("open_rounds", "together")
