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
    for name in ("words", "awaited"):
        op.add_column(
            "erasures", sa.Column(name, ARRAY(sa.Text), nullable=False, server_default="{}")
        )
    # Of those asked for before, only notification was to confirm.
    op.execute("update erasures set awaited = '{notification}' where person_id is not null")
    for statement in migrations.script("audit_2"):
        op.execute(statement)
