"""Phone numbers and HSA ids of persons. A process of the version before writes neither."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("persons", sa.Column("phone", sa.Text, nullable=False, server_default=""))
    op.add_column("persons", sa.Column("hsa_id", sa.Text))
    # Deferred, because a file may let two persons change their ids.
    op.create_unique_constraint(
        "uq_persons_hsa_id", "persons", ["hsa_id"], deferrable=True, initially="DEFERRED"
    )
