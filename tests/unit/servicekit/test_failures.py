"""What passes by itself, and what does not."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from servicekit.failures import is_cancelled, is_invalid_value, is_unavailable

PASSES = [
    ConnectionRefusedError(),
    TimeoutError(),
    PoolTimeoutError(),
    asyncpg.CannotConnectNowError(),  # raw: the server is starting up
    asyncpg.ConnectionDoesNotExistError(),
    asyncpg.TooManyConnectionsError(),
    asyncpg.ObjectNotInPrerequisiteStateError(),  # raw: the database accepts no connections
    DBAPIError("s", {}, asyncpg.DeadlockDetectedError()),
    DBAPIError("s", {}, asyncpg.AdminShutdownError()),
    DBAPIError("s", {}, asyncpg.QueryCanceledError()),
    DBAPIError("s", {}, asyncpg.LockNotAvailableError()),
    DBAPIError("s", {}, asyncpg.IdleInTransactionSessionTimeoutError()),
    DBAPIError("s", {}, Exception(), connection_invalidated=True),
]
STAYS = [
    ZeroDivisionError(),
    ValueError(),
    asyncpg.InvalidPasswordError(),
    IntegrityError("s", {}, asyncpg.UniqueViolationError()),
    ProgrammingError("s", {}, asyncpg.UndefinedTableError()),
    DBAPIError("s", {}, asyncpg.ObjectNotInPrerequisiteStateError()),  # of a statement
]


@pytest.mark.parametrize("error", PASSES, ids=repr)
def test_it_passes(error):
    assert is_unavailable(error)


@pytest.mark.parametrize("error", STAYS, ids=repr)
def test_it_stays(error):
    assert not is_unavailable(error)


def test_a_statement_past_its_timeout_differs_from_a_database_that_is_away():
    assert is_cancelled(DBAPIError("s", {}, asyncpg.QueryCanceledError()))
    assert not is_cancelled(DBAPIError("s", {}, asyncpg.AdminShutdownError()))


@pytest.mark.parametrize("error", [*PASSES, *STAYS], ids=repr)
def test_no_other_failure_is_an_invalid_value(error):
    assert not is_invalid_value(error)
    assert is_invalid_value(DBAPIError("s", {}, asyncpg.CharacterNotInRepertoireError()))
