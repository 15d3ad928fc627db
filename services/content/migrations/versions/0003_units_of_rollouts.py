"""The units that take part in each known rollout."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("unit_ids", ARRAY(sa.String), nullable=False, server_default="{}")
    op.add_column("rollouts", column)


def downgrade() -> None:
    op.drop_column("rollouts", "unit_ids")
