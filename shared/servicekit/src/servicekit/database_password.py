"""`python -m servicekit.database_password`: another password for a process's role in PostgreSQL.

The process reads it from a file (`?passfile=` in its DSN) for every new connection, so it need not
stop; connections that are open stay so.
"""

import argparse
import asyncio
import os
import secrets
from pathlib import Path

import asyncpg

from servicekit.private_file import replace_file


async def change(admin_dsn: str, role: str, passfile: Path) -> None:
    """Write a new password to the file, then give it to the role.

    Raises asyncpg.PostgresError or OSError; then the role and the file are as they were.
    """
    before = _read(passfile)
    others = [line for line in before.splitlines() if line.split(":")[3:4] != [role]]
    password = secrets.token_urlsafe(24)
    connection = await asyncpg.connect(admin_dsn)
    try:
        statement = await connection.fetchval(
            "select format('alter role %I password %L', $1::text, $2::text)", role, password
        )
        async with connection.transaction():
            await connection.execute(statement)
            _write(passfile, [*others, f"*:*:*:{role}:{password}"])
    except BaseException:
        _write(passfile, before.splitlines())
        raise
    finally:
        await connection.close()


def _read(passfile: Path) -> str:
    return passfile.read_text(encoding="utf-8") if passfile.exists() else ""


def _write(passfile: Path, lines: list[str]) -> None:
    """Only its owner may read it, or it would be ignored."""
    replace_file(passfile, "".join(f"{line}\n" for line in lines).encode())


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m servicekit.database_password",
        description=__doc__,
        epilog="POSTGRES_ADMIN_DSN: an administrator's DSN.",
    )
    parser.add_argument("role", help="for example content_api")
    parser.add_argument("--passfile", type=Path, required=True, help="of the process's DSN")
    arguments = parser.parse_args()
    if not (admin := os.environ.get("POSTGRES_ADMIN_DSN")):
        parser.error("set POSTGRES_ADMIN_DSN")
    try:
        asyncio.run(change(admin, arguments.role, arguments.passfile))
    except (OSError, asyncpg.PostgresError) as error:
        parser.exit(1, f"database password: {type(error).__name__}: {error}\n")
    print(f"{arguments.role} has another password, in {arguments.passfile}")


if __name__ == "__main__":
    main()
