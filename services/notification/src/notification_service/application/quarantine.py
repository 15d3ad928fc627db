"""Nothing is sent until an operator has looked: after a restore, when people may have had it
already, or because an operator holds it."""

from datetime import datetime, timedelta

from notification_service.application.ports import Held, UnitOfWork
from notification_service.domain.errors import DomainError
from notification_service.domain.reminder import ReminderTimes, due_times, reminded

_WITHIN_TRANSACTION = timedelta(minutes=1)


async def hold(reason: str, uow: UnitOfWork) -> Held:
    """Send nothing from now on. Returns what holds it: an earlier hold stays as it is."""
    held = await uow.quarantine.held() or Held(await uow.now(), reason)
    await uow.quarantine.hold(held)
    return held


async def lift(sent_until: datetime | None, uow: UnitOfWork, times: ReminderTimes) -> int:
    """Send from now on. What was to be sent until `sent_until` counts as sent: nobody gets it
    again. Returns how many messages those are.

    Raises DomainError `nothing-held`, or `not-yet` for a time to come.
    """
    held, now = await uow.quarantine.held(), await uow.now()
    if held is None:
        raise DomainError("nothing-held", "conflict", "Everything is sent as usual.")
    if sent_until is not None and sent_until > now:
        raise DomainError("not-yet", "invalid", f"{sent_until.isoformat()} is in the future.")
    count = await uow.quarantine.lift(sent_until, now)
    if sent_until is not None:
        await _pass_over_reminders(sent_until, uow, times)
    after = {"already_sent": count, "already_sent_until": sent_until and sent_until.isoformat()}
    uow.audit("quarantine.lift/lift_quarantine", "quarantine", _noted(held), after)
    return count


async def _pass_over_reminders(until: datetime, uow: UnitOfWork, times: ReminderTimes) -> None:
    while due := await uow.reminders.claim(until, _WITHIN_TRANSACTION):
        when = due_times(due.round.opens_at, due.round.closes_at, times)
        await uow.reminders.finish(due, reminded(due.reminded, when, until), when)


def _noted(held: Held) -> dict[str, str]:
    return {"since": held.since.isoformat(), "reason": held.reason}
