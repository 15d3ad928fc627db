"""Who manages a unit is known to the people service alone; here, whether somebody does."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Saved mappings of other systems' files would name a column that there is no more.
_MAPPINGS = """
    update import_mappings set document = document
        #- '{columns,manager_id}' #- '{values,manager_id}' #- '{defaults,manager_id}'
"""


def upgrade() -> None:
    op.drop_column("units", "manager_id")
    op.create_table(
        "managements",
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("has_manager", sa.Boolean, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_managements"),
    )
    op.execute(_MAPPINGS)
