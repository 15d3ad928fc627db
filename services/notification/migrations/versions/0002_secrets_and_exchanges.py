"""Every retired secret of a subscription; what was sent and answered in an attempt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only new columns that may be null, so that processes of the version before go on."""
    op.add_column("subscriptions", sa.Column("retired_secrets", JSONB(none_as_null=True)))
    op.add_column("attempts", sa.Column("exchange", JSONB(none_as_null=True)))
