"""What a message is known by outside: random, where its id can be derived from its recipient."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    random = sa.text("gen_random_uuid()")
    op.add_column(
        "messages", sa.Column("reference", sa.Uuid, nullable=False, server_default=random)
    )
