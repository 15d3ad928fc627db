"""One-time codes: rounds, their codes, failed attempts, and the units' tree."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("closes_at", _MOMENT, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("as_of", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("round_id", name="pk_rounds"),
    )
    op.create_table(
        "sign_in_codes",
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("subject", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_codes"),
        sa.ForeignKeyConstraint(
            ["round_id"], ["rounds.round_id"], name="fk_sign_in_codes_round_id_rounds"
        ),
    )
    op.create_index("ix_sign_in_codes_round_id", "sign_in_codes", ["round_id"])
    op.create_table(
        "failed_attempts",
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_failed_attempts"),
    )
    op.create_table(
        "unit_places",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("parent_id", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_unit_places"),
    )
