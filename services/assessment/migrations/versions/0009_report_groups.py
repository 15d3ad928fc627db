"""Which units are reported together."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_groups",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("group_id", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "unit_id", name="pk_report_groups"),
    )
    op.add_column(
        "rollouts", sa.Column("unit_ids", ARRAY(sa.Text), nullable=False, server_default="{}")
    )
    op.add_column("released_cells", sa.Column("together", ARRAY(sa.Text)))


def downgrade() -> None:
    op.drop_column("released_cells", "together")
    op.drop_column("rollouts", "unit_ids")
    op.drop_table("report_groups")
