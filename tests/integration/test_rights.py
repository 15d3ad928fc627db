"""Every role x table x privilege of every service's database: exactly what is stated here."""

import re
from collections.abc import AsyncIterator

import asyncpg
import pytest

from devstack.options import ROLES, SERVICES
from servicekit.leadership import connect
from support.databases import SERVICES as FOLDER
from support.databases import Templates, at

PRIVILEGES = ("select", "insert", "update", "delete", "truncate", "references", "trigger")
ROWS = {"select", "insert", "update", "delete"}
NOTHING: set[str] = set()
WORK = {"assessment": ("relay", "release"), "portal": ()}

# Table > role > what it may. Who is not named may nothing. `(column)`: of this column.
KERNEL: dict[str, dict[str, set[str]]] = {
    "outbox": {
        "relay": {"select"},
        "worker": {"select", "insert"},
        "api": {
            "insert",
            *(f"select({column})" for column in ("created_on", "id", "topic", "headers")),
        },
        "temporal": {"insert", "select(created_on)", "select(id)"},
        "release": {"insert", "select(created_on)", "select(id)"},
    },
    "outbox_pending": {
        "relay": {"select", "delete"},
        "worker": {"select", "insert"},
        "api": {"select", "insert"},
        **{role: {"insert"} for role in ("temporal", "release")},
    },
    "inbox": {"worker": ROWS},
    "idempotency_keys": {"api": ROWS, "worker": {"select", "update", "delete"}},
    "import_mappings": {"api": ROWS},
    "audit_lines": {role: {"select", "insert"} for role in ("api", "worker", "temporal")},
    "audit_heads": {"api": {"select"}, "worker": {"select", "insert"}},
    "processes": dict.fromkeys(("api", "worker", "temporal", "web"), ROWS),
    "erasures_to_confirm": {"worker": {"select", "insert", "delete"}},
    "alembic_version": {
        role: {"select"} for role in ("api", "worker", "temporal", "web", "release")
    },
}
COLUMNS = ("release_id", "participation_key", "round_id", "sealed")
SHEETS = {
    "api": {
        *(f"insert({column})" for column in COLUMNS),
        *(f"select({column})" for column in COLUMNS if column != "sealed"),
        "update(sealed)",
    },
    "release": {f"select({column})" for column in COLUMNS},
}
OWN: dict[str, set[str]] = dict.fromkeys(("api", "worker", "temporal", "web", "release"), ROWS)


def roles_of(service: str) -> tuple[str, ...]:
    """Its processes, and what they take a role for."""
    return (*ROLES[service], *WORK.get(service, ("relay",)))


def expected(service: str, table: str, role: str) -> set[str]:
    """What a role may do with a table."""
    if re.fullmatch("outbox_(default|[0-9]{8})", table):
        return NOTHING  # reached by the whole table only
    if service == "assessment" and table.startswith("keyed_sheets"):
        return SHEETS.get(role, NOTHING)
    return KERNEL.get(table, OWN).get(role, NOTHING)


async def found(connection: asyncpg.Connection, role: str, table: str) -> set[str]:
    """What PostgreSQL says: of the whole table, else of single columns."""
    whole = {
        privilege
        for privilege in PRIVILEGES
        if await connection.fetchval(
            "select has_table_privilege($1, $2::regclass, $3)", role, f'public."{table}"', privilege
        )
    }
    columns = await connection.fetch(
        "select attname, p from pg_attribute, unnest($3::text[]) p where attrelid = $2::regclass"
        " and attnum > 0 and not attisdropped and has_column_privilege($1, attrelid, attnum, p)",
        *(role, f'public."{table}"', ["select", "insert", "update", "references"]),
    )
    return whole | {f"{one['p']}({one['attname']})" for one in columns if one["p"] not in whole}


@pytest.fixture
async def migrated(
    request: pytest.FixtureRequest, postgres: str, templates: Templates
) -> AsyncIterator[tuple[str, str, asyncpg.Connection]]:
    """A service, the prefix of its roles, and an administrator in its migrated database."""
    service: str = request.param
    name = await templates.name(FOLDER / service / "migrations")
    connection = await asyncpg.connect(at(postgres, name))
    yield service, name, connection
    await connection.close()


async def differences(
    service: str, prefix: str, connection: asyncpg.Connection
) -> dict[tuple[str, str], set[str]]:
    """(role, table) > what is too much or missing."""
    tables = await connection.fetch(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p', 'v', 'm')"
    )
    assert len(tables) > 2
    wrong = {}
    for table in (row["relname"] for row in tables):
        for role in roles_of(service):
            seen = await found(connection, f"{prefix}_{role}", table)
            if differs := seen ^ expected(service, table, role):
                wrong[role, table] = differs
    return wrong


@pytest.mark.parametrize("migrated", SERVICES, indirect=True)
async def test_each_process_may_do_exactly_what_is_stated(migrated) -> None:
    assert await differences(*migrated) == {}


@pytest.mark.parametrize("migrated", ["assessment"], indirect=True)
async def test_one_privilege_too_many_and_one_too_few_are_found(migrated) -> None:
    _, prefix, connection = migrated
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"grant select (sealed) on keyed_sheets to {prefix}_api")
    await connection.execute(f"revoke delete on outbox_pending from {prefix}_relay")
    assert await differences(*migrated) == {
        ("api", "keyed_sheets"): {"select(sealed)"},
        ("relay", "outbox_pending"): {"delete"},
    }
    await transaction.rollback()


@pytest.mark.parametrize("migrated", ["assessment"], indirect=True)
async def test_the_sheets_of_a_new_release_have_the_rights_of_the_table(migrated) -> None:
    _, prefix, connection = migrated
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"set local role {prefix}_api")
    await connection.execute("select prepare_sheets('7d1b5a52-0000-4000-8000-000000000001')")
    await connection.execute("reset role")
    assert await differences(*migrated) == {}
    await transaction.rollback()


@pytest.mark.parametrize("migrated", ["assessment"], indirect=True)
async def test_functions_are_for_those_who_need_them(migrated) -> None:
    _, prefix, connection = migrated
    rows = await connection.fetch(
        "select proname, r, has_function_privilege($1 || r, p.oid, 'execute') as may"
        " from pg_proc p, unnest($2::text[]) r where pronamespace = 'public'::regnamespace",
        *(f"{prefix}_", list(roles_of("assessment"))),
    )
    may: dict[str, set[str]] = {}
    for row in rows:
        may.setdefault(row["proname"], set()).update({row["r"]} if row["may"] else ())
    assert may == {
        "prepare_sheets": {"api"},
        "drop_sheets": {"worker"},
        "give_sheets_rights": set(),
        "outbox_maintain_partitions": {"worker"},
        "audit_retire": {"worker"},
        "audit_erase": {"api", "worker"},
    }


@pytest.mark.parametrize("migrated", ["assessment"], indirect=True)
async def test_the_relays_session_cannot_read_anything_else(migrated, postgres: str) -> None:
    _, prefix, _ = migrated
    session = await connect(at(postgres, prefix, f"{prefix}_app"))
    try:
        assert await session.fetchval("select count(*) from outbox") == 0
        for table in ("keyed_sheets", "rounds", "audit_lines", "inbox"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await session.fetchval(f"select count(*) from {table}")
    finally:
        await session.close()


async def test_every_process_of_the_stack_has_a_role_of_its_own(servers) -> None:
    for service in SERVICES:
        for role in ROLES[service]:
            dsn = servers.env[f"{service.upper()}_{role.upper()}_DATABASE_URL"]
            connection = await asyncpg.connect(dsn)
            assert await connection.fetchval("select session_user") == f"{service}_{role}"
            assert not await connection.fetchval(
                "select rolsuper or rolcreaterole or rolcreatedb or rolbypassrls"
                " from pg_roles where rolname = session_user"
            )
            await connection.close()
