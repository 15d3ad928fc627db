"""When identities were used; those that were released, and sign-ins that were refused."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    today, new_id = sa.text("current_date"), sa.text("gen_random_uuid()")
    op.add_column(
        "identities", sa.Column("identity_id", sa.Uuid, nullable=False, server_default=new_id)
    )
    for name in ("first_seen", "last_used"):
        op.add_column("identities", sa.Column(name, sa.Date, nullable=False, server_default=today))
    op.create_unique_constraint("uq_identities_identity_id", "identities", ["identity_id"])
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
    op.create_table(
        "released_identities",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", "person_id", name="pk_released_identities"),
        _of_person("released_identities", "person_id"),
    )
    op.create_index("ix_released_identities_person_id", "released_identities", ["person_id"])
    op.create_table(
        "refused_bindings",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("named", sa.Text),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_refused_bindings"),
        _of_person("refused_bindings", "named"),
    )
    op.create_index("ix_refused_bindings_last", "refused_bindings", ["last"])


def _of_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        ["persons.person_id"],
        name=f"fk_{table}_{column}_persons",
        ondelete="CASCADE",
    )
