"""Alembic, the same way in every service. Run by the one-shot `migrate`, never at service start."""

import asyncio
from pathlib import Path

import asyncpg
from alembic import command, context
from alembic.config import Config
from sqlalchemy import Connection, MetaData, pool
from sqlalchemy.ext.asyncio import create_async_engine

from servicekit.db import asyncpg_url
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
_LOCK_TIMEOUT = "set lock_timeout = '5s'"


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


def upgrade(folder: Path, settings: Database, revision: str = "head") -> None:
    """Bring a service's database to a revision, and give its processes their rights.

    A service narrows them in a file `rights.sql` beside its migrations.
    Raises SystemExit with a sentence if the owner's DSN is not given.
    """
    if settings.migration_dsn is None:
        raise SystemExit("migrate needs the owner role's DSN: set <SERVICE>_DB__MIGRATION_DSN")
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.attributes["dsn"] = settings.migration_dsn.get_secret_value()
    command.upgrade(config, revision)
    own = folder / "rights.sql"
    narrowed = own.read_text() if own.exists() else ""
    asyncio.run(_give_rights(config.attributes["dsn"], script_text("rights") + narrowed))


def run(metadata: MetaData) -> None:
    """The whole of a service's migrations/env.py."""
    asyncio.run(_run(metadata, context.config.attributes["dsn"]))


async def _run(metadata: MetaData, dsn: str) -> None:
    engine = create_async_engine(asyncpg_url(dsn), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, metadata)
    await engine.dispose()


def _migrate(connection: Connection, metadata: MetaData) -> None:
    connection.exec_driver_sql(_LOCK_TIMEOUT)
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_name=lambda name, kind, _: kind != "table" or not is_kernel(name),
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


async def _give_rights(dsn: str, statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"{_LOCK_TIMEOUT}; {statements}")
    finally:
        await connection.close()


def is_kernel(table: str | None) -> bool:
    """Whether a table belongs to servicekit and not to the service's own metadata."""
    return table is not None and (table in KERNEL_TABLES or table.startswith("outbox_"))
