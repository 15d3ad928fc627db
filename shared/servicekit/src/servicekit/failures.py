"""Which failures pass by themselves: the database or the network is away."""

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE classes: 08 connection exception, 40 transaction rollback (deadlock), 53 insufficient
# resources, 57 operator intervention
# (https://www.postgresql.org/docs/18/errcodes-appendix.html).
_TRANSIENT_CLASSES = ("08", "40", "53", "57")


def is_unavailable(error: BaseException | None) -> bool:
    """Whether trying again later may help without anything being mended.

    While connecting, asyncpg's errors arrive as they are; later SQLAlchemy wraps them.
    """
    if isinstance(error, DBAPIError):
        cause = error.orig.__cause__ if error.orig else None
        return error.connection_invalidated or is_unavailable(error.orig) or is_unavailable(cause)
    if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError):
        # The client's own words for a connection that is gone; a ValueError is a wrong argument.
        return not isinstance(error, ValueError)
    state = str(getattr(error, "sqlstate", None) or "")
    return state.startswith(_TRANSIENT_CLASSES) or isinstance(error, OSError | PoolTimeoutError)
