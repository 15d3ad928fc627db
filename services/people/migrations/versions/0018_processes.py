"""What the service's processes say of themselves."""

from alembic import op

from servicekit import migrations

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.script("processes_1"):
        op.execute(statement)
