"""Open rounds, invitations and reminders in memory, and the assessment service."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from notification_service.application.round_ports import (
    DueReminder,
    OpenRound,
    WithoutAnswer,
)
from notification_service.domain.load_cap import Invitation
from unit.notification.builders import NOW
from unit.notification.fake_store import Reminder, Store


class FakeOpenRounds:
    def __init__(self, store: Store) -> None:
        self._store, self._rounds = store, store.open_rounds

    async def lock(self) -> None:
        return

    async def add(self, opened: OpenRound) -> OpenRound:
        return self._rounds.setdefault(opened.round_id, opened)

    async def get(self, round_id: UUID) -> OpenRound | None:
        return self._rounds.get(round_id)

    async def move(self, round_id: UUID, closes_at: datetime) -> None:
        if round_id in self._rounds:
            self._rounds[round_id] = replace(self._rounds[round_id], closes_at=closes_at)

    async def count_over_cap(self, round_id: UUID, people: int) -> None:
        self._rounds[round_id] = replace(self._rounds[round_id], over_cap=people)

    async def remove(self, round_id: UUID) -> None:
        self._rounds.pop(round_id, None)
        self._store.reminders.pop(round_id, None)

    async def of_unit(self, unit_id: str, now: datetime) -> list[OpenRound]:
        found = [r for r in self._rounds.values() if r.unit_id == unit_id and r.closes_at > now]
        return sorted(found, key=lambda opened: opened.round_id)


class FakeInvitations:
    def __init__(self, store: Store) -> None:
        self._store, self._all = store, store.invitations

    async def of(self, recipients: Collection[str]) -> list[Invitation]:
        return [one for one in self._all.values() if one.recipient_id in recipients]

    async def add(self, invitations: Sequence[Invitation]) -> None:
        for one in invitations:
            self._all.setdefault((one.recipient_id, one.round_id), one)

    async def invited(self, round_id: UUID) -> set[str]:
        return {recipient for recipient, about in self._all if about == round_id}

    async def remove_old(self, before: datetime) -> None:
        open_ = self._store.open_rounds
        for key, one in [*self._all.items()]:
            if one.invited_at < before and one.round_id not in open_:
                del self._all[key]


class FakeReminders:
    def __init__(self, store: Store) -> None:
        self._store, self._rows = store, store.reminders

    async def plan(self, round_id: UUID, due: Sequence[datetime]) -> None:
        row = self._rows.setdefault(round_id, Reminder())
        row.due_at = next(iter(due[row.reminded :]), None)

    async def claim(self, now: datetime, lease: timedelta) -> DueReminder | None:
        due = [
            (row.due_at, round_id)
            for round_id, row in self._rows.items()
            if row.due_at and row.due_at <= now and (row.claimed_until or now) <= now
        ]
        if not due:
            return None
        _, round_id = min(due)
        row, opened = self._rows[round_id], self._store.open_rounds[round_id]
        row.claimed_until, row.tries = now + lease, row.tries + 1
        name = self._store.unit_names.get(opened.unit_id)
        return DueReminder(
            opened, name[0] if name else None, row.reminded, row.tries, row.claimed_until
        )

    async def hold(self, claim: DueReminder) -> bool:
        row = self._rows.get(claim.round.round_id)
        return row is not None and row.claimed_until == claim.claimed_until

    async def finish(self, claim: DueReminder, reminded: int, due: Sequence[datetime]) -> None:
        if await self.hold(claim):
            due_at = next(iter(due[reminded:]), None)
            self._rows[claim.round.round_id] = Reminder(due_at, reminded)

    async def postpone(self, claim: DueReminder, until: datetime) -> None:
        if await self.hold(claim):
            row = self._rows[claim.round.round_id]
            row.claimed_until, row.tries = until, claim.tries - 1


class FakeAssessment:
    """The port `Unanswered`: knows who has answered; raises `error` instead, if there is one."""

    def __init__(self, *answered: str) -> None:
        self.answered, self.asked = set(answered), list[list[str]]()
        self.closes_at = NOW + timedelta(days=20)
        self.error: Exception | None = None

    async def without_answer(self, round_id: UUID, subjects: Collection[str]) -> WithoutAnswer:
        self.asked.append(sorted(subjects))
        if self.error:
            raise self.error
        return WithoutAnswer(set(subjects) - self.answered, self.closes_at)
