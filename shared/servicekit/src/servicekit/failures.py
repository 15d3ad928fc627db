"""What a failure means: the database or the network is away, or a value is not accepted."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE of a lock or a transaction that took longer than allowed: lock_not_available, and the
# ends of a transaction that was idle or open for too long.
_TIMED_OUT = ("55P03", "25P03", "25P04")
# SQLSTATE classes: 08 connection exception, 40 transaction rollback (deadlock), 53 insufficient
# resources, 57 operator intervention
# (https://www.postgresql.org/docs/18/errcodes-appendix.html).
_TRANSIENT = ("08", "40", "53", "57", *_TIMED_OUT)
# object_not_in_prerequisite_state: while connecting, that the database accepts no connections, as
# while it is restored or moved.
_ACCEPTS_NONE = "55000"

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""All that asyncpg raises. A connection lost between two statements may be any of the three."""


def is_unavailable(error: BaseException | None) -> bool:
    """Whether trying again later may help although nothing is changed.

    While connecting, asyncpg's errors arrive as they are; later SQLAlchemy wraps them.
    """
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or _passes(error.orig) or _passes(cause)
    return _passes(error) or _sqlstate(error) == _ACCEPTS_NONE


def _passes(error: BaseException | None) -> bool:
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        # The client raises these for a lost connection; a ValueError is a wrong argument.
        return not isinstance(error, ValueError)
    transient = _sqlstate(error).startswith(_TRANSIENT)
    return transient or isinstance(error, OSError | PoolTimeoutError)


def is_cancelled(error: BaseException) -> bool:
    """Whether a timeout ended a statement or a transaction; that may happen at every attempt."""
    return _sqlstate(error) in ("57014", *_TIMED_OUT)


def is_held_up(error: BaseException) -> bool:
    """Whether others held a lock for too long, or each waited for the other."""
    return _sqlstate(error) in ("55P03", "40P01")


def is_invalid_value(error: BaseException) -> bool:
    """Whether PostgreSQL cannot take a value: a NUL in a text, a number out of its range."""
    return _sqlstate(error).startswith("22")


def _sqlstate(error: BaseException | None) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(cause, "sqlstate", None) or "")
