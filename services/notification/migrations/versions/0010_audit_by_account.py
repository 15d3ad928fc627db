"""Audit lines by the account that somebody stood in for."""

from alembic import op

from servicekit import migrations

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in migrations.script("audit_2"):
        op.execute(statement)
