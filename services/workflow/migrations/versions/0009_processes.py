"""What the service's processes say of themselves."""

from alembic import op

from servicekit import migrations

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.script("processes_1"):
        op.execute(statement)
