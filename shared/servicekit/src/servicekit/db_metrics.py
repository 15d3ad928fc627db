"""What a pool of database connections is used for: `db.client.connection.*`.

How often and how long connections are used is not measured: it would count what people send.
"""

from typing import Any

from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from servicekit.metrics import DB_CONNECTIONS, DB_CONNECTIONS_MAX, DB_PENDING, DB_TIMEOUTS


class MeasuredPool(AsyncAdaptedQueuePool):
    """Counts who waits for a connection, or for a new one to open, and who waited in vain."""

    __module__ = AsyncAdaptedQueuePool.__module__  # names its log, which is silent
    name = ""

    def _do_get(self) -> ConnectionPoolEntry:
        DB_PENDING.labels(self.name).inc()
        try:
            return super()._do_get()
        except NoneFree:
            DB_TIMEOUTS.labels(self.name).inc()
            raise
        finally:
            DB_PENDING.labels(self.name).dec()

    def recreate(self) -> "MeasuredPool":
        fresh = super().recreate()
        assert isinstance(fresh, MeasuredPool)
        fresh.name = self.name
        return fresh


def measure(engine: AsyncEngine, size: int, role: str | None) -> None:
    """Report an engine's pool, of at most `size` connections, under the name of its database, and
    of the role if it has one of its own."""

    def pool() -> Any:
        return engine.pool  # another one after the engine's disposal

    name = pool().name = "/".join(part for part in (engine.url.database, role) if part)
    DB_CONNECTIONS_MAX.labels(name).set(size)
    DB_CONNECTIONS.labels(name, "used").set_function(lambda: pool().checkedout())
    DB_CONNECTIONS.labels(name, "idle").set_function(lambda: pool().checkedin())
    DB_TIMEOUTS.labels(name)
