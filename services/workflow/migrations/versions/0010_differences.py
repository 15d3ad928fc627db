"""What services know differently since a restore, and a person has to mend."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "differences",
        sa.Column("difference_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("rollout_id", sa.Uuid),
        sa.Column("unit_id", sa.String),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("difference_id", name="pk_differences"),
        sa.UniqueConstraint(
            *("kind", "subject", "rollout_id", "unit_id", "what", "code"),
            name="uq_differences",
            postgresql_nulls_not_distinct=True,
        ),
    )
