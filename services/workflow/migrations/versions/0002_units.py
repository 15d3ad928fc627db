"""Units and rollout templates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "units",
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("parent_id", sa.String),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.Column("manager_id", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_units"),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["units.unit_id"],
            name="fk_units_parent_id_units",
            deferrable=True,
            initially="DEFERRED",
        ),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"])
    op.create_table(
        "templates",
        sa.Column("template_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("template_id", "version", name="pk_templates"),
    )


def downgrade() -> None:
    op.drop_table("templates")
    op.drop_table("units")
