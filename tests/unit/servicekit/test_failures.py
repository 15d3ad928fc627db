"""What passes by itself, and what does not."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit.failures import is_unavailable

PASSES = [
    ConnectionRefusedError(),
    TimeoutError(),
    PoolTimeoutError(),
    asyncpg.CannotConnectNowError(),  # raw: the server is starting up
    asyncpg.ConnectionDoesNotExistError(),
    asyncpg.TooManyConnectionsError(),
    DBAPIError("s", {}, asyncpg.DeadlockDetectedError()),
    DBAPIError("s", {}, asyncpg.AdminShutdownError()),
    DBAPIError("s", {}, Exception(), connection_invalidated=True),
]
STAYS = [
    ZeroDivisionError(),
    ValueError(),
    asyncpg.InvalidPasswordError(),
    IntegrityError("s", {}, asyncpg.UniqueViolationError()),
    ProgrammingError("s", {}, asyncpg.UndefinedTableError()),
]


@pytest.mark.parametrize("error", PASSES, ids=repr)
def test_it_passes(error):
    assert is_unavailable(error)


@pytest.mark.parametrize("error", STAYS, ids=repr)
def test_it_stays(error):
    assert not is_unavailable(error)
