"""Erasures that are to be confirmed; audit lines by the account that somebody stood in for."""

from alembic import op

from servicekit import migrations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in (*migrations.script("erasures_1"), *migrations.script("audit_2")):
        op.execute(statement)
