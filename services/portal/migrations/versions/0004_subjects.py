"""Sessions are found by the provider's subject too, whose sign-out ends all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("provider_subject", sa.LargeBinary()))
    op.create_index("ix_sessions_provider_subject", "sessions", ["provider_subject"])
