"""Open rounds that do not close."""

from sqlalchemy import func, select

from assessment_service.adapters.tables import RoundRow
from servicekit.db import Transaction, table
from servicekit.operation import Backlog

_rounds = table(RoundRow)
_HELD = _rounds.c.held_since
_OPEN = select(
    func.count(_HELD),
    func.min(_HELD),
    func.count().filter(_HELD.is_(None), _rounds.c.closes_at <= func.now()),
    func.min(_rounds.c.closes_at).filter(_HELD.is_(None), _rounds.c.closes_at <= func.now()),
).where(_rounds.c.status == "open")


async def backlogs(uow: Transaction) -> list[Backlog]:
    """Those that a pause holds, and those past their closing time."""
    held, held_since, overdue, due_since = (await uow.connection.execute(_OPEN)).one()
    return [
        Backlog(kind="rounds_held", count=held, oldest_at=held_since),
        Backlog(kind="rounds_overdue", count=overdue, oldest_at=due_since),
    ]
