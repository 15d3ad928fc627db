"""Open rounds that do not close, and what self-tests found or did not reach."""

from datetime import datetime

from sqlalchemy import func, select

from assessment_service.adapters.self_tests import SqlSelfTests
from assessment_service.adapters.tables import ReleaseRow, RoundRow
from servicekit.db import Transaction, table
from servicekit.operation import Backlog

_rounds, _releases = table(RoundRow), table(ReleaseRow)
_RELEASED = (
    select(_releases.c.released_at)
    .where(_releases.c.released_at.is_not(None))
    .order_by(_releases.c.released_at)
)
_HELD = _rounds.c.held_since
_OPEN = select(
    func.count(_HELD),
    func.min(_HELD),
    func.count().filter(_HELD.is_(None), _rounds.c.closes_at <= func.now()),
    func.min(_rounds.c.closes_at).filter(_HELD.is_(None), _rounds.c.closes_at <= func.now()),
).where(_rounds.c.status == "open")


async def backlogs(uow: Transaction) -> list[Backlog]:
    """Rounds that a pause holds, and those past their closing time; findings of the latest
    self-test, and releases that none has finished with."""
    held, held_since, overdue, due_since = (await uow.connection.execute(_OPEN)).one()
    return [
        Backlog(kind="rounds_held", count=held, oldest_at=held_since),
        Backlog(kind="rounds_overdue", count=overdue, oldest_at=due_since),
        *await _self_test(uow),
    ]


async def _self_test(uow: Transaction) -> list[Backlog]:
    tests = SqlSelfTests(uow.connection)
    latest = await tests.latest()
    checked = latest.releases if latest and latest.is_finished else 0
    unchecked = max(await tests.releases() - checked, 0)
    oldest: datetime | None = None
    if unchecked:
        oldest = await uow.connection.scalar(_RELEASED.offset(checked).limit(1))
    findings = latest.findings if latest else 0
    return [
        Backlog(
            kind="self_test_findings",
            count=findings,
            oldest_at=latest.checked_at if latest and findings else None,
        ),
        Backlog(kind="releases_unchecked", count=unchecked, oldest_at=oldest),
    ]
