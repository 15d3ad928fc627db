"""What the use cases about rounds need from outside: who is asked, and when they are reminded."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from notification_service.domain.contact import Contact
from notification_service.domain.load_cap import Invitation


@dataclass(frozen=True, slots=True)
class OpenRound:
    """A round that takes answers until `closes_at`.

    `over_cap` is how many of the unit's people are not asked, because they were asked often enough.
    `together` are the ids of the units that it is reported with, itself included; none if it is
    reported by itself.
    """

    round_id: UUID
    release_id: UUID
    unit_id: str
    occasion: str
    opens_at: datetime
    closes_at: datetime
    over_cap: int = 0
    together: tuple[str, ...] = ()


class OpenRounds(Protocol):
    async def lock(self) -> None:
        """Until this transaction ends, others that lock wait.

        Lock before you ask who belongs to a unit: who joins is then either among them or finds the
        round. And nobody is invited by two at once, so that the cap holds.
        """

    async def add(self, opened: OpenRound) -> OpenRound:
        """Remember it; a known one stays as it is. Return what is stored."""

    async def get(self, round_id: UUID) -> OpenRound | None: ...

    async def move(self, round_id: UUID, closes_at: datetime) -> None:
        """Its closing time is another one."""

    async def count_over_cap(self, round_id: UUID, people: int) -> None:
        """Store how many of the unit are not asked because of the cap."""

    async def remove(self, round_id: UUID) -> None:
        """It is closed."""

    async def of_unit(self, unit_id: str, now: datetime) -> list[OpenRound]:
        """Those of the unit that close after `now`, by id."""


class Invitations(Protocol):
    """Who was invited to which round, for as long as it counts. None says who answered."""

    async def of(self, recipients: Collection[str]) -> list[Invitation]:
        """Those of these people."""

    async def add(self, invitations: Sequence[Invitation]) -> None:
        """Store them; one that is known changes nothing."""

    async def invited(self, round_id: UUID) -> set[str]:
        """Ids of those who were invited to a round."""

    async def remove_old(self, before: datetime) -> None:
        """Delete those from before a time, except to rounds that are open."""


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder of a round that this process may send until `claimed_until`.

    `reminded` counts the reminders that are over, `tries` those of this one, with this.
    """

    round: OpenRound
    unit_name: str | None
    reminded: int
    tries: int
    claimed_until: datetime


class Reminders(Protocol):
    """One row per round, and none per person."""

    async def plan(self, round_id: UUID, due: Sequence[datetime]) -> None:
        """Remind at these times. As many as were sent are over; without more, nobody is."""

    async def claim(self, now: datetime, lease: timedelta) -> DueReminder | None:
        """One that is due; no other process can claim it before the lease ends."""

    async def hold(self, claim: DueReminder) -> bool:
        """Lock it. False if its round has closed, or another process has claimed it since."""

    async def finish(self, claim: DueReminder, reminded: int, due: Sequence[datetime]) -> None:
        """So many of those that are due at these times are over. Nothing if it is not held."""

    async def postpone(self, claim: DueReminder, until: datetime) -> None:
        """Nothing was sent: this was no try. Nothing if it is not held."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """How to reach somebody, and as whom the platform's tokens name them; never stored."""

    contact: Contact
    subjects: Collection[str]


class Addressees(Protocol):
    """The people service, for those who are reminded. Each raises PeopleUnavailable."""

    async def of_unit(self, unit_id: str) -> list[str]:
        """Ids of the unit's employees and those who lead it."""

    async def addressees(self, recipient_ids: Collection[str]) -> Mapping[str, Addressee]:
        """Those that there are, by id."""


class AssessmentUnavailable(ConnectionError):
    """The assessment service does not answer; trying again later may help."""


class RoundHeld(Exception):
    """A pause holds the round: nobody is reminded before it goes on."""


class RoundOver(Exception):
    """The round takes no answers any more."""


@dataclass(frozen=True, slots=True)
class WithoutAnswer:
    """Who has not answered a round, and when it closes, as the assessment service knows now."""

    subjects: Collection[str]
    closes_at: datetime


class Unanswered(Protocol):
    """The assessment service, which alone knows who has answered."""

    async def without_answer(self, round_id: UUID, subjects: Collection[str]) -> WithoutAnswer:
        """Those of the subjects who have not answered the round.

        Raises AssessmentUnavailable, RoundHeld or RoundOver.
        """
