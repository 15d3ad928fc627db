"""Recipients and their assignments are the people service's now."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("assignments", "recipients", "import_mappings"):
        op.drop_table(table)
