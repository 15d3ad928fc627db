"""Units end, alone or in another; changes of the organisation are planned for a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("units", sa.Column("dissolved_on", sa.Date))
    op.add_column("units", sa.Column("successor_id", sa.String))
    op.create_table(
        "unit_changes",
        sa.Column("change_id", sa.Uuid, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.String),
        sa.PrimaryKeyConstraint("change_id", name="pk_unit_changes"),
    )
    op.create_index(
        "ix_unit_changes_due",
        "unit_changes",
        ["effective_on"],
        postgresql_where=sa.text("status = 'planned'"),
    )
