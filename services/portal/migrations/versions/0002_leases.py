"""Who renews a session has a lease of it; a sign-in that has begun is in the browser's cookie."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("renewed_until", sa.DateTime(timezone=True)))
    op.drop_table("sign_ins")
