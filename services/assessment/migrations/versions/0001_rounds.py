"""Outbox, inbox and idempotency keys; units, instruments, rounds, answers and released cells."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from servicekit import migrations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for statement in migrations.kernel(1):
        op.execute(statement)
    _units_and_instruments()
    _rounds()
    _answers()
    _results()


def _units_and_instruments() -> None:
    op.create_table(
        "units",
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("parent_id", sa.String),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", name="pk_units"),
    )
    op.create_index("ix_units_parent_id", "units", ["parent_id"])
    op.create_table(
        "instruments",
        sa.Column("instrument_id", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("instrument_id", "version", name="pk_instruments"),
    )


def _rounds() -> None:
    op.create_table(
        "releases",
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("occasion", sa.String, nullable=False),
        sa.Column("instrument_id", sa.String, nullable=False),
        sa.Column("instrument_version", sa.Integer, nullable=False),
        sa.Column("released_at", MOMENT),
        sa.Column("answers_counted", sa.Integer),
        sa.Column("sheets_destroyed", sa.Integer),
        sa.PrimaryKeyConstraint("release_id", name="pk_releases"),
    )
    op.create_table(
        "rounds",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("unit_name", sa.String, nullable=False),
        sa.Column("unit_path", ARRAY(sa.Text), nullable=False),
        sa.Column("headcount", sa.Integer, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("opens_at", MOMENT, nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("write_off_reason", sa.String),
        sa.PrimaryKeyConstraint("round_id", name="pk_rounds"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.release_id"], name="fk_rounds_release_id_releases"
        ),
    )
    op.create_index("ix_rounds_release_id", "rounds", ["release_id"])
    op.create_index("ix_rounds_unit_id", "rounds", ["unit_id"])
    op.create_index("ix_rounds_status_closes_at", "rounds", ["status", "closes_at"])


def _answers() -> None:
    op.create_table(
        "keyed_sheets",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("participation_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "participation_key", name="pk_keyed_sheets"),
    )
    op.create_table(
        "key_destructions",
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("destroyed_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("round_id", name="pk_key_destructions"),
    )


def _results() -> None:
    op.create_table(
        "released_cells",
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("occasion", sa.String, nullable=False),
        sa.Column("unit_path", ARRAY(sa.Text), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("participation_band", sa.String),
        sa.Column("indexes", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("release_id", "unit_id", name="pk_released_cells"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.release_id"], name="fk_released_cells_release_id_releases"
        ),
    )
    op.create_index(
        "ix_released_cells_rollout_id_unit_id", "released_cells", ["rollout_id", "unit_id"]
    )
