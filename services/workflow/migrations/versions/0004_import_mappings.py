"""How files of other systems are read as unit files."""

from alembic import op

from servicekit import migrations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only a new table, so that processes of the version before go on."""
    for statement in migrations.script("import_mappings_1"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("import_mappings")
