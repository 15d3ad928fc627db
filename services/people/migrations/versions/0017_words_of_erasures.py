"""What persons are and were called, for erasures; audit lines by account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from servicekit import migrations

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_facts",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "fact", name="pk_former_facts"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.person_id"],
            name="fk_former_facts_person_id_persons",
            ondelete="CASCADE",
        ),
    )
    # Defaults for erasures of the version before, also of one that still runs: every service
    # confirms, except those that were complete.
    every = "{assessment,content,notification,workflow}"
    for name, default in (("words", "{}"), ("awaited", every)):
        op.add_column(
            "erasures", sa.Column(name, ARRAY(sa.Text), nullable=False, server_default=default)
        )
    op.execute("update erasures set awaited = '{}' where person_id is null")
    for statement in migrations.script("audit_2"):
        op.execute(statement)
