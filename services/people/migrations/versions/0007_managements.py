"""Who manages a unit follows from the assignments alone; what was announced of it is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("unit_managers")
    op.create_table(
        "managements",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("managers", ARRAY(sa.Text), nullable=False),
        sa.Column("newcomers", ARRAY(sa.Text), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_managements"),
    )
