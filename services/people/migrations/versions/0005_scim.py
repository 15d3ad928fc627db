"""Users and groups as SCIM clients send them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "scim_resources",
        sa.Column("resource_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created", _MOMENT, nullable=False),
        sa.Column("last_modified", _MOMENT, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("comparable", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", name="pk_scim_resources"),
        sa.UniqueConstraint("person_id", name="uq_scim_resources_person_id"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.person_id"],
            name="fk_scim_resources_person_id_persons",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_scim_resources_user_name",
        "scim_resources",
        [sa.text("(comparable ->> 'user_name')")],
        unique=True,
        postgresql_where=sa.text("kind = 'User'"),
    )
    op.create_index(
        "ix_scim_resources_created", "scim_resources", ["kind", "created", "resource_id"]
    )
    op.create_index(
        "ix_scim_resources_comparable",
        "scim_resources",
        ["comparable"],
        postgresql_using="gin",
        postgresql_ops={"comparable": "jsonb_path_ops"},
    )
