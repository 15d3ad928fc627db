"""Alembic, the same way in every service. Run by the one-shot `migrate`, never at service start."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from time import monotonic, sleep

import asyncpg
from alembic import command, context, op
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from servicekit.db import asyncpg_url
from servicekit.failures import is_held_up
from servicekit.settings import Database

_SCRIPTS = Path(__file__).parent / "sql"
KERNEL_TABLES = frozenset(
    {
        "outbox",
        "outbox_pending",
        "inbox",
        "idempotency_keys",
        "import_mappings",
        "audit_lines",
        "audit_heads",
        "processes",
        "erasures_to_confirm",
    }
)
# What waits for a lock holds up everybody who comes after it. A migration therefore gives up soon,
# and tries again after a pause.
_LOCK_TIMEOUT = "300ms"
_PAUSE_SECONDS = 1.0
_PATIENCE_SECONDS = 300.0
_CONNECTION = {"lock_timeout": _LOCK_TIMEOUT, "application_name": "migrate"}
log = logging.getLogger(__name__)


def kernel(version: int) -> list[str]:
    """The SQL statements that make the tables that every service has, at a version."""
    return script(f"kernel_{version}")


def script(name: str) -> list[str]:
    """The SQL statements of one of servicekit's scripts, such as `import_mappings_1`."""
    statements, current, quoted = [], "", False
    for line in script_text(name).splitlines():
        current += line + "\n"
        quoted ^= line.count("$$") % 2 == 1
        if line.rstrip().endswith(";") and not quoted:
            statements.append(current)
            current = ""
    return statements


def script_text(name: str) -> str:
    """One of servicekit's scripts as it is."""
    return (_SCRIPTS / f"{name}.sql").read_text()


def upgrade(
    folder: Path, settings: Database, revision: str = "head", roles: Sequence[str] = ()
) -> None:
    """Bring a service's database to a revision, and give its processes their rights.

    A service narrows them in a file `rights.sql` beside its migrations. Each migration is a
    transaction of its own, so that a repeated command goes on where the last one ended.

    `roles`: whose database roles must be there, else nothing is changed.
    Raises SystemExit with a sentence if the owner's DSN is not given, or a role is missing;
    DBAPIError or asyncpg.PostgresError if a lock cannot be had for five minutes.
    """
    if settings.migration_dsn is None:
        raise SystemExit("migrate needs the owner role's DSN: set <SERVICE>_DB__MIGRATION_DSN")
    dsn = settings.migration_dsn.get_secret_value()
    asyncio.run(_check_roles(dsn, roles))
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["dsn"] = dsn
    _patiently(lambda: command.upgrade(config, revision))
    own = folder / "rights.sql"
    narrowed = own.read_text() if own.exists() else ""
    _patiently(lambda: asyncio.run(_give_rights(dsn, script_text("rights") + narrowed)))


def sql(folder: Path, revisions: str) -> str:
    """The statements of some migrations (`0006:0007`), without a database."""
    config = Config(output_buffer=(output := StringIO()))
    config.set_main_option("script_location", str(folder))
    config.attributes["dsn"] = "postgresql://"
    command.upgrade(config, revisions, sql=True)
    return output.getvalue()


def run(metadata: MetaData) -> None:
    """The whole of a service's migrations/env.py."""
    if context.is_offline_mode():
        context.configure(
            dialect_name="postgresql",
            dialect_opts={"paramstyle": "named"},
            literal_binds=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    else:
        asyncio.run(_run(metadata, context.config.attributes["dsn"]))


def index_concurrently(name: str, table: str, columns: Sequence[str]) -> None:
    """For a migration, as its only step: make an index while others write to the table.

    It waits for transactions under way, which nobody has to wait for in turn. What an earlier try
    has left is not valid, and is made again.
    """
    with op.get_context().autocommit_block():
        op.execute("set lock_timeout = 0")
        op.execute(f"drop index concurrently if exists {name}")
        op.execute(f"create index concurrently {name} on {table} ({', '.join(columns)})")
        op.execute(f"set lock_timeout = '{_LOCK_TIMEOUT}'")


def in_batches(statement: str) -> None:
    """For a migration, as its only step: run `statement` until it changes no row, and commit
    after each time. It changes some thousand rows, so that nobody waits long for one of them.
    """
    with op.get_context().autocommit_block():
        if context.is_offline_mode():
            op.execute(statement)
        else:
            while op.get_bind().exec_driver_sql(statement).rowcount:
                pass


async def _run(metadata: MetaData, dsn: str) -> None:
    engine = create_async_engine(
        asyncpg_url(dsn), poolclass=pool.NullPool, connect_args={"server_settings": _CONNECTION}
    )
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=lambda name, kind, _: kind != "table" or not is_kernel(name),
        compare_server_default=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _patiently(step: Callable[[], object]) -> None:
    """Try again while a lock cannot be had in time."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            step()
            return
        except (DBAPIError, asyncpg.PostgresError) as error:
            if not is_held_up(error) or monotonic() > deadline:
                raise
            log.info("others hold a lock that the migration needs: trying again")
            sleep(_PAUSE_SECONDS)


async def _check_roles(dsn: str, roles: Sequence[str]) -> None:
    """Raises SystemExit if a process has no role to log in with: nothing could start after."""
    connection = await asyncpg.connect(dsn)
    try:
        missing = await connection.fetch(
            "select prefix || wanted as name from unnest($1::text[]) wanted,"
            " regexp_replace(current_user, '_owner$', '_') prefix"
            " where to_regrole(prefix || wanted) is null",
            list(roles),
        )
    finally:
        await connection.close()
    if missing:
        names = ", ".join(row["name"] for row in missing)
        raise SystemExit(
            f"migrate: these database roles are missing: {names}. Nothing was changed. An"
            " administrator runs infra/postgres/grants.sql in this database first, and gives each"
            " role `login` and a password: docs/upgrade.md"
        )


async def _give_rights(dsn: str, statements: str) -> None:
    connection = await asyncpg.connect(dsn, server_settings=_CONNECTION)
    try:
        await connection.execute(statements)
    finally:
        await connection.close()


def is_kernel(table: str | None) -> bool:
    """Whether a table belongs to servicekit and not to the service's own metadata."""
    return table is not None and (table in KERNEL_TABLES or table.startswith("outbox_"))
