"""What the service's processes say of themselves."""

from alembic import op

from servicekit import migrations

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.script("processes_1"):
        op.execute(statement)
