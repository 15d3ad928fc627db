"""A role's password changes while it works: no statement fails."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from servicekit.database_password import change
from servicekit.db import create_engine
from servicekit.settings import Database
from support.eventually import eventually


def login(database: Database) -> tuple[str, str]:
    """The role and its password."""
    dsn = database.dsn.get_secret_value()
    role, _, password = dsn.removeprefix("postgresql://").partition("@")[0].partition(":")
    return role, password


@pytest.fixture(autouse=True)
async def the_old_password(database: Database, postgres: str) -> AsyncIterator[None]:
    """Back afterwards: other tests of the session have the role, too."""
    yield
    role, password = login(database)
    connection = await asyncpg.connect(postgres)
    await connection.execute(f"alter role {role} password '{password}'")
    await connection.close()


def with_passfile(database: Database, passfile: Path) -> tuple[str, Database]:
    """The role, and its settings where the password comes from a file."""
    dsn = database.dsn.get_secret_value()
    role, password = login(database)
    passfile.write_text(f"*:*:*:somebody:else\n*:*:*:{role}:{password}\n")
    passfile.chmod(0o600)
    bare = dsn.replace(f":{password}@", "@", 1) + f"?passfile={passfile}"
    return role, Database(dsn=SecretStr(bare))


async def test_a_password_changes_under_load(database: Database, postgres: str, tmp_path: Path):
    passfile = tmp_path / "passwords"
    role, settings = with_passfile(database, passfile)
    enough, done = asyncio.Event(), 0

    async def ask() -> None:
        """Each time with a connection of its own: the worst case."""
        nonlocal done
        while not enough.is_set():
            engine = create_engine(settings)
            async with engine.connect() as connection:
                done += (await connection.execute(text("select 1"))).scalar_one()
            await engine.dispose()

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    for _ in range(10):
        before = done
        await change(postgres, role, passfile)

        async def asked_again(before: int = before) -> bool:
            return done >= before + 8 or any(task.done() for task in asking)

        await eventually(asked_again, within=60)
    enough.set()
    await asyncio.gather(*asking)
    assert done >= 80
    assert "somebody:else" in passfile.read_text()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(database.dsn.get_secret_value())


async def test_a_rotation_half_done_is_mended_by_another(
    database: Database, postgres: str, tmp_path: Path
):
    """The command was killed after it had written the file, before the role had the password."""
    passfile = tmp_path / "passwords"
    role, settings = with_passfile(database, passfile)
    passfile.write_text(f"*:*:*:{role}:of-no-role\n")
    engine = create_engine(settings)
    with pytest.raises(DBAPIError, match="password authentication failed"):
        await engine.connect()
    await change(postgres, role, passfile)
    async with engine.connect() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1
    await engine.dispose()


async def test_what_cannot_be_changed_stays(database: Database, postgres: str, tmp_path: Path):
    passfile = tmp_path / "passwords"
    with_passfile(database, passfile)
    before = passfile.read_text()
    with pytest.raises(asyncpg.UndefinedObjectError):
        await change(postgres, "nobody", passfile)
    assert passfile.read_text() == before


async def test_a_wrong_password_is_refused_at_once(database: Database):
    dsn = database.dsn.get_secret_value()
    engine = create_engine(Database(dsn=SecretStr(dsn.replace("_app:", "_app:wrong"))))
    async with asyncio.timeout(2):
        with pytest.raises(DBAPIError, match="password authentication failed"):
            await engine.connect()
    await engine.dispose()
