"""Whose an identity was until the person was removed."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("former_person_id", sa.Text))
    op.create_index("ix_identities_former_person_id", "identities", ["former_person_id"])
