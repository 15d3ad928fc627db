"""The audit trail."""

from alembic import op

from servicekit import migrations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.script("audit_1"):
        op.execute(statement)
