"""A key pair and a partition of sheets per release; what was published about whom."""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)

# The service's own role may not create or drop tables. It may call these, which do it for one kind.
# Attaching a partition, unlike creating it as one, does not wait for answers in progress.
PREPARE_SHEETS = """
    create function prepare_sheets(release uuid) returns void
    language plpgsql security definer set search_path = public as $$
    declare sheets text := 'keyed_sheets_' || replace(release::text, '-', '');
    begin
        execute format('create table %I (like keyed_sheets including all)', sheets);
        execute format('alter table keyed_sheets attach partition %I for values in (%L)',
            sheets, release);
    end $$
"""
DROP_SHEETS = """
    create function drop_sheets(release uuid) returns integer
    language plpgsql security definer set search_path = public as $$
    declare
        sheets text := 'keyed_sheets_' || replace(release::text, '-', '');
        dropped integer := 0;
    begin
        if to_regclass(sheets) is not null then
            execute format('select count(*) from %I', sheets) into dropped;
            execute format('drop table %I', sheets);
        end if;
        return dropped;
    end $$
"""


def upgrade() -> None:
    _check_that_no_round_is_under_way()
    _sheets()
    _disposals()
    op.create_table(
        "publications",
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("unit_id", sa.String, nullable=False),
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("first_closed_at", MOMENT, nullable=False),
        sa.Column("last_closed_at", MOMENT, nullable=False),
        sa.Column("asked_units", ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "unit_id", name="pk_publications"),
        sa.ForeignKeyConstraint(
            ["release_id"], ["releases.release_id"], name="fk_publications_release_id_releases"
        ),
    )
    op.create_index("ix_publications_last_closed_at", "publications", ["last_closed_at"])
    op.add_column("released_cells", sa.Column("hidden_because", sa.String))
    op.execute(
        """
        insert into publications
        select c.release_id, c.unit_id, c.rollout_id, min(r.closed_at), max(r.closed_at),
            array_agg(r.unit_id) filter (where c.unit_id = any (r.unit_path))
        from released_cells c join rounds r using (release_id)
        where c.shown
        group by c.release_id, c.unit_id, c.rollout_id
        """
    )


def _check_that_no_round_is_under_way() -> None:
    """Their sheets are sealed with a key that the new code does not have."""
    is_there = sa.text("select exists (select from keyed_sheets)")
    if not context.is_offline_mode() and op.get_bind().scalar(is_there):
        raise RuntimeError(
            "There are answers whose results are not out. Close those rounds, wait until they are"
            " anonymised, and migrate then."
        )


def _sheets() -> None:
    op.drop_table("keyed_sheets")
    op.create_table(
        "keyed_sheets",
        sa.Column("release_id", sa.Uuid, nullable=False),
        sa.Column("participation_key", sa.LargeBinary, nullable=False),
        sa.Column("round_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("release_id", "participation_key", name="pk_keyed_sheets"),
        postgresql_partition_by="LIST (release_id)",
    )
    op.execute(PREPARE_SHEETS)
    op.execute(DROP_SHEETS)
    for column in ("public_key", "envelope"):
        op.add_column("releases", sa.Column(column, sa.LargeBinary))
    op.add_column(
        "releases", sa.Column("has_share", sa.Boolean, nullable=False, server_default=sa.false())
    )
    op.alter_column("releases", "has_share", server_default=None)


def _disposals() -> None:
    op.create_table(
        "disposals",
        sa.Column("rollout_id", sa.Uuid, nullable=False),
        sa.Column("occasion", sa.String, nullable=False),
        sa.Column("answers_counted", sa.Integer, nullable=False),
        sa.Column("sheets_destroyed", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "occasion", name="pk_disposals"),
    )
    op.execute(
        """
        insert into disposals
        select rollout_id, occasion, sum(answers_counted), sum(coalesce(sheets_destroyed, 0))
        from releases where released_at is not null group by rollout_id, occasion
        """
    )
    op.add_column(
        "releases",
        sa.Column("sheets_dropped", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.execute("update releases set sheets_dropped = sheets_destroyed is not null")
    op.alter_column("releases", "sheets_dropped", server_default=None)
    op.drop_column("releases", "answers_counted")
    op.drop_column("releases", "sheets_destroyed")
