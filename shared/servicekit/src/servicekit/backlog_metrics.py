"""What waits in a service's database, as numbers at /metrics: a component of its worker."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from servicekit.metrics import BACKLOG_ITEMS, BACKLOG_OLDEST
from servicekit.operation import Backlogs
from servicekit.runtime import Every

_SECONDS = 10
_NOW = text("select now()")


def backlog_metrics(uow: Callable[[], Any], backlogs: Backlogs) -> Every:
    """Measures `backlogs` in a unit of work of its own, again and again."""

    async def measure() -> None:
        async with uow() as opened:
            now = (await opened.connection.execute(_NOW)).scalar_one()
            found = await backlogs(opened)
        for one in found:
            waited = (now - one.oldest_at).total_seconds() if one.oldest_at else 0.0
            BACKLOG_ITEMS.labels(one.kind).set(one.count)
            BACKLOG_OLDEST.labels(one.kind).set(max(0.0, waited))

    return Every(_SECONDS, measure, "measure-backlogs")
