"""How files of other systems are read as recipient files."""

from alembic import op

from servicekit import migrations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only a new table, so that processes of the version before go on."""
    for statement in migrations.script("import_mappings_1"):
        op.execute(statement)
