"""Outbox, inbox, idempotency keys; persons, assignments, identities; units and their managers."""

import sqlalchemy as sa
from alembic import op

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for script in ("kernel_1", "import_mappings_1"):
        for statement in migrations.script(script):
            op.execute(statement)
    _persons()
    _units()


def _persons() -> None:
    op.create_table(
        "persons",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_persons"),
    )
    op.create_index("ix_persons_email", "persons", [sa.text("lower(email)")])
    op.create_table(
        "assignments",
        sa.Column("assignment_id", sa.Integer, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_to", sa.Date),
        sa.PrimaryKeyConstraint("assignment_id", name="pk_assignments"),
        sa.UniqueConstraint(
            *("person_id", "role", "unit_id", "valid_from", "valid_to"),
            name="uq_assignments_period",
            postgresql_nulls_not_distinct=True,
        ),
        _of_person("assignments"),
    )
    op.create_index("ix_assignments_unit_id_role", "assignments", ["unit_id", "role"])
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("account_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Text),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_identities"),
        sa.UniqueConstraint("issuer", "person_id", name="uq_identities_person"),
        _of_person("identities", "SET NULL"),
    )


def _of_person(table: str, on_delete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["person_id"],
        ["persons.person_id"],
        name=f"fk_{table}_person_id_persons",
        ondelete=on_delete,
    )


def _units() -> None:
    op.create_table(
        "units",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_units"),
    )
    op.create_table(
        "unit_managers",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("manager_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_managers"),
    )
