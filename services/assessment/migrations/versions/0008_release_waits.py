"""For which units a release waits, and until when."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("releases", sa.Column("awaited_units", ARRAY(sa.Text)))
    op.add_column("releases", sa.Column("waits_since", MOMENT))
    op.add_column("releases", sa.Column("waits_until", MOMENT))


def downgrade() -> None:
    for column in ("waits_until", "waits_since", "awaited_units"):
        op.drop_column("releases", column)
