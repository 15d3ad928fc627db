"""Which failures pass by themselves: the database or the network is away."""

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE classes: 08 connection exception, 53 insufficient resources, 57 operator intervention
# (https://www.postgresql.org/docs/18/errcodes-appendix.html).
_TRANSIENT_CLASSES = ("08", "53", "57")


def is_unavailable(error: BaseException) -> bool:
    """Whether trying again later may help without anything being mended."""
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        return error.connection_invalidated or state.startswith(_TRANSIENT_CLASSES)
    return isinstance(error, OSError | TimeoutError | PoolTimeoutError)
