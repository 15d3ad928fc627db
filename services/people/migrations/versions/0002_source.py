"""Where an assignment comes from. A process of the version before still writes those of imports."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEY = ("person_id", "role", "unit_id", "valid_from", "valid_to")


def upgrade() -> None:
    op.add_column(
        "assignments", sa.Column("source", sa.Text, nullable=False, server_default="import")
    )
    op.drop_constraint("uq_assignments_period", "assignments")
    op.create_unique_constraint(
        "uq_assignments_period",
        "assignments",
        [*_KEY, "source"],
        postgresql_nulls_not_distinct=True,
    )
