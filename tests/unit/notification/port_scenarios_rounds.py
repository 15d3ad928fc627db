"""What units of work must do about rounds. Run against the fake and PostgreSQL."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from notification_service.application.ports import OpenUnitOfWork
from notification_service.application.round_ports import OpenRound
from notification_service.domain.load_cap import Invitation
from unit.notification.builders import NOW

DAY = timedelta(days=1)
LEASE = timedelta(minutes=10)


def round_(
    round_id: UUID, unit_id: str = "rehab", closes_at: datetime = NOW + 9 * DAY
) -> OpenRound:
    release_id = UUID(int=1)
    return OpenRound(round_id, release_id, unit_id, "baseline", NOW, closes_at)


async def a_round_is_open_until_it_closes(uow: OpenUnitOfWork) -> None:
    later = NOW + timedelta(days=7)
    first, second = sorted(uuid4() for _ in range(2))
    async with uow() as tx:
        for round_id in (second, first):
            added = round_(round_id, closes_at=NOW)
            assert await tx.open_rounds.add(added) == added
        await tx.open_rounds.lock()
        await tx.open_rounds.lock()
        assert await tx.open_rounds.of_unit("rehab", NOW) == []
        await tx.open_rounds.move(first, later)
        await tx.open_rounds.move(second, later)
        await tx.open_rounds.move(uuid4(), later)
        known = round_(first, closes_at=later)
        assert await tx.open_rounds.add(round_(first, closes_at=NOW)) == known
        assert await tx.open_rounds.get(first) == known
        assert await tx.open_rounds.get(uuid4()) is None
        await tx.open_rounds.count_over_cap(second, 2)
        counted = replace(round_(second, closes_at=later), over_cap=2)
        assert await tx.open_rounds.of_unit("rehab", NOW) == [known, counted]
        assert await tx.open_rounds.of_unit("heart", NOW) == []
        await tx.open_rounds.remove(first)
        assert await tx.open_rounds.of_unit("rehab", NOW) == [counted]


async def an_invitation_counts_once_and_for_a_time(uow: OpenUnitOfWork) -> None:
    closed, open_ = uuid4(), uuid4()
    old, new = (Invitation("p-1", one, UUID(int=1), NOW) for one in (closed, open_))
    other = Invitation("p-2", closed, UUID(int=1), NOW + DAY)
    async with uow() as tx:
        await tx.open_rounds.add(round_(open_))
        await tx.invitations.add([])
        await tx.invitations.add([old, new, other])
        await tx.invitations.add([replace(old, invited_at=NOW + DAY)])
        assert await tx.invitations.invited(closed) == {"p-1", "p-2"}
        found = await tx.invitations.of(["p-1", "p-3"])
        assert sorted(found, key=str) == sorted([old, new], key=str)
        await tx.invitations.remove_old(NOW + DAY)
        assert await tx.invitations.invited(closed) == {"p-2"}
        assert await tx.invitations.invited(open_) == {"p-1"}


async def a_reminder_is_sent_by_one_process_and_planned_anew(uow: OpenUnitOfWork) -> None:
    first, second = NOW + DAY, NOW + 2 * DAY
    round_id, later = uuid4(), uuid4()
    async with uow() as tx:
        await tx.units.remember("rehab", "Rehab", 1)
        for one, at in ((later, second), (round_id, first)):
            await tx.open_rounds.add(round_(one))
            await tx.reminders.plan(one, [at, second])
        assert await tx.reminders.claim(NOW, LEASE) is None
    async with uow() as tx:
        due = await tx.reminders.claim(first, LEASE)
        assert due is not None
        assert (due.round, due.unit_name) == (round_(round_id), "Rehab")
        assert (due.reminded, due.tries, due.claimed_until) == (0, 1, first + LEASE)
        assert await tx.reminders.claim(first, LEASE) is None
    async with uow() as tx:
        again = await tx.reminders.claim(first + LEASE, LEASE)
        assert again is not None
        assert again.tries == 2
        assert not await tx.reminders.hold(due)
        await tx.reminders.finish(due, 2, [])
        assert await tx.reminders.hold(again)
        await tx.reminders.plan(round_id, [first, second])
        assert await tx.reminders.hold(again)
        await tx.reminders.finish(again, 1, [first, second + DAY])
        assert not await tx.reminders.hold(again)
    async with uow() as tx:
        await tx.reminders.plan(later, [])
        assert await tx.reminders.claim(second, LEASE) is None
        last = await tx.reminders.claim(second + DAY, LEASE)
        assert last is not None
        assert (last.round.round_id, last.reminded, last.tries) == (round_id, 1, 1)


async def a_postponed_reminder_was_no_try(uow: OpenUnitOfWork) -> None:
    round_id = uuid4()
    async with uow() as tx:
        await tx.open_rounds.add(round_(round_id))
        await tx.reminders.plan(round_id, [NOW])
        due = await tx.reminders.claim(NOW, LEASE)
        assert due is not None
        await tx.reminders.postpone(due, NOW + DAY)
    async with uow() as tx:
        await tx.reminders.postpone(due, NOW)
        assert await tx.reminders.claim(NOW + DAY / 2, LEASE) is None
        again = await tx.reminders.claim(NOW + DAY, LEASE)
        assert again is not None
        assert again.tries == 1


async def the_reminders_of_a_closed_round_end(uow: OpenUnitOfWork) -> None:
    round_id = uuid4()
    async with uow() as tx:
        await tx.open_rounds.add(round_(round_id))
        await tx.reminders.plan(round_id, [NOW, NOW + DAY])
        due = await tx.reminders.claim(NOW, LEASE)
        assert due is not None
        await tx.open_rounds.remove(round_id)
    async with uow() as tx:
        assert not await tx.reminders.hold(due)
        await tx.reminders.finish(due, 1, [NOW, NOW + DAY])
        await tx.reminders.postpone(due, NOW)
        assert await tx.reminders.claim(NOW + 2 * DAY, LEASE) is None


ROUNDS = [
    a_round_is_open_until_it_closes,
    an_invitation_counts_once_and_for_a_time,
    a_reminder_is_sent_by_one_process_and_planned_anew,
    a_postponed_reminder_was_no_try,
    the_reminders_of_a_closed_round_end,
]
