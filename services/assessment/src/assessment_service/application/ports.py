"""What the use cases need from outside. Adapters implement these with PostgreSQL.

What keeps sheets sealed is in `sealing_ports`.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from assessment_service.application.sealing_ports import ReleaseKey, SealedSheet
from assessment_service.domain.events import DomainEvent
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.pauses import Mark
from assessment_service.domain.report_group import ReportGroup
from assessment_service.domain.results import Cell
from assessment_service.domain.round import Occasion, Release, Round, Status, Unit


class UnitScope(Protocol):
    """The units that a caller's roles cover: `units` alone, and `trees` with all below them."""

    @property
    def trees(self) -> frozenset[str]: ...

    @property
    def units(self) -> frozenset[str]: ...


Scope = UnitScope | None
"""What the caller's roles cover; None means every unit."""


@dataclass(frozen=True, slots=True)
class RoundFilter:
    """Which rounds are asked for; None does not limit them."""

    unit_id: str | None
    status: Status | None
    rollout_id: UUID | None


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ReleasedCell:
    """A cell with its release and occasion; a hidden cell may have no release."""

    release_id: UUID | None
    occasion: Occasion
    cell: Cell


class PausesUnknownError(Exception):
    """The workflow service does not say what is paused; asking again later may help."""


class Instruments(Protocol):
    async def add(self, instrument: Instrument) -> bool:
        """Store a new version; False if that version exists."""

    async def newest(self, instrument_id: str) -> int:
        """The highest version; 0 if there is none."""

    async def get(self, instrument_id: str, version: int) -> Instrument | None: ...

    async def page(self, instrument_id: str | None, page: PageOf) -> tuple[list[Instrument], int]:
        """Versions of one or all by id, the newest of each first, and how many there are on all
        pages."""


class Units(Protocol):
    async def save(self, unit: Unit) -> None:
        """Store a unit's state, unless a newer version is stored."""

    async def around(self, unit_ids: Collection[str]) -> list[Unit]:
        """Those of these units that are known, all units above them, and those directly below."""


class Rollouts(Protocol):
    """The rollouts that the workflow service has announced."""

    async def add(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        """Store that it exists, with its units; a second call changes nothing."""

    async def units(self, rollout_id: UUID) -> list[str]:
        """The units that were to take part when it was created."""

    async def is_known(self, rollout_id: UUID) -> bool: ...

    async def occurs(self, rollout_id: UUID) -> bool:
        """Return whether it is known or a round belongs to it."""

    async def unknown(self, scope: Scope, page: PageOf) -> tuple[list[UUID], int]:
        """Those that rounds in the scope belong to and nobody announced, and how many there are."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The custodian's sealed share of a release's key. Once all its rounds have closed, and none
    is to come (`is_closed`), the opened share can be handed in."""

    release: Release
    envelope: bytes
    is_closed: bool


class Releases(Protocol):
    async def start(self, release: Release) -> Release:
        """Store a new release; return what is stored under its id, locked until commit."""

    async def waiting_for(
        self, rollout_id: UUID, unit_ids: Collection[str], occasion: Occasion | None = None
    ) -> list[Release]:
        """The rollout's releases that wait for one of the units, locked until commit."""

    async def save_wait(self, release: Release) -> None:
        """Store for which units it waits, and until when."""

    async def key(self, release_id: UUID) -> ReleaseKey | None:
        """None until it was made."""

    async def save_key(self, release_id: UUID, key: ReleaseKey) -> None: ...

    async def get(self, release_id: UUID, scope: Scope) -> Release | None:
        """Return None also if the scope includes none of its rounds."""

    async def lock(self, release_id: UUID) -> Release:
        """Read it; transactions that would change it wait for this one."""

    async def waiting_for_share(self, page: PageOf) -> tuple[list[Envelope], int]:
        """Those that have an envelope and no share yet, and how many there are on all pages."""

    async def complete(self) -> list[UUID]:
        """Releases without open rounds whose results are not out yet, and whose key is complete,
        that wait for nobody or were to be out by now."""

    async def mark_released(self, release_id: UUID, at: datetime, answers: int) -> None:
        """Store when its results were released, and add from how many answers they were computed
        to the number of its rollout and occasion. No number is kept per release."""

    async def to_dispose(self) -> list[UUID]:
        """Releases whose results are out and that still have their keyed sheets."""

    async def record_disposal(self, release_id: UUID, sheets: int) -> None:
        """Store permanently that its sheets are destroyed, and add how many they were to the number
        of its rollout and occasion. The custodian's share goes with them."""


class Rounds(Protocol):
    async def add(self, round_: Round) -> bool:
        """Store a new round; False if another request has committed the same round."""

    async def any(self) -> bool:
        """Whether there is any round; rounds are never deleted."""

    async def get(self, round_id: UUID) -> Round | None: ...

    async def lock(self, round_id: UUID) -> Round | None:
        """Read it after every answer in progress; later answers wait for this transaction."""

    async def lock_open(self, rollout_id: UUID, unit_id: str | None) -> list[Round]:
        """As `lock`, the open rounds of a rollout, or of one unit in it."""

    async def save(self, *rounds: Round) -> None:
        """Store what can change: the status, the closing time, and why it was written off."""

    async def find(self, round_ids: Collection[UUID]) -> list[Round]: ...

    async def begun(self, rollout_id: UUID) -> set[str]:
        """The units that have had a round in the rollout."""

    async def of_release(self, release_id: UUID) -> list[Round]: ...

    async def unfinished(self, unit_ids: Collection[str]) -> list[Round]:
        """The rounds of these units whose results are not out, in any rollout. Nobody else can open
        a round in one of the units before this transaction ends."""

    async def due(self) -> list[UUID]:
        """Open rounds past their closing time, except held ones, by the clock that also refuses
        late answers; and those whose release was to be out by now."""

    async def to_anonymise(self, released_for: timedelta) -> list[UUID]:
        """Rounds whose results have been out for this long and whose keyed sheets are dropped."""

    async def page(
        self, scope: Scope, wanted: RoundFilter, page: PageOf
    ) -> tuple[list[Round], int]:
        """Rounds by opening time, latest first, and how many there are on all pages."""


class Pauses(Protocol):
    async def lock(self, rollout_id: UUID) -> None:
        """Let nobody else read or add the rollout's marks before this transaction ends."""

    async def add(self, event_id: UUID, mark: Mark) -> None:
        """Store what an event reported, once. Waits for those who read the rollout's marks."""

    async def of_rollout(self, rollout_id: UUID) -> list[Mark]:
        """Marks of the rollout and its units; nobody can add one before this transaction ends."""


class KeyedSheets(Protocol):
    """Sealed sheets by participation key, until the results are out: a table for each release."""

    async def prepare(self, release_id: UUID) -> None:
        """Make the release's table."""

    def of_release(
        self, release_id: UUID, round_id: UUID | None = None
    ) -> AsyncIterator[Sequence[SealedSheet]]:
        """The sheets of everybody who answered, or of those of one round, in no order and in
        batches."""

    async def drop(self, release_id: UUID) -> int:
        """Drop the release's table; return how many sheets were in it, 0 if it is gone already."""


class Publications(Protocol):
    """What was published about whom: for each shown cell the units whose people are in it.

    Every value leaves this service through a released cell, and every shown cell is registered
    here, so this is everything that anybody could combine.
    """

    async def register(
        self,
        release: Release,
        closed: tuple[datetime, datetime],
        cells: Mapping[str, Sequence[str]],
    ) -> None:
        """Store the shown cells with the asked units in each. `closed` are the first and the last
        time at which one of the release's rounds closed."""

    async def recently_about(
        self, release: Release, unit_ids: Collection[str], closed: tuple[datetime, datetime]
    ) -> set[str]:
        """Those of the units whose people are in a cell of another rollout, some of whose rounds
        closed between these times. Nobody else publishes before this transaction ends."""


class Cells(Protocol):
    """Released cells; written once, never changed."""

    async def add(self, release: Release, cells: Sequence[Cell]) -> None: ...

    async def explained(
        self, rollout_id: UUID, unit_id: str, occasion: Occasion | None
    ) -> list[ReleasedCell]:
        """The unit's cells that are shown, or hidden for a reason that has nothing to do with
        answers. Never the other hidden ones."""

    async def page(
        self,
        scope: Scope,
        page: PageOf,
        *,
        release_id: UUID | None = None,
        rollout_id: UUID | None = None,
        occasion: Occasion | None = None,
    ) -> tuple[list[ReleasedCell], int]: ...


class ReportGroups(Protocol):
    """Which units of a rollout are reported together."""

    async def of_rollout(self, rollout_id: UUID) -> list[ReportGroup]: ...

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> ReportGroup | None: ...

    async def replace(self, rollout_id: UUID, groups: Collection[ReportGroup]) -> None:
        """Store these in the place of all that the rollout has."""


class KeyDestructions(Protocol):
    """The permanent record of which rounds' secrets were destroyed, and when."""

    async def add(self, round_id: UUID, at: datetime) -> None: ...


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    instruments: Instruments
    units: Units
    rollouts: Rollouts
    releases: Releases
    rounds: Rounds
    pauses: Pauses
    keyed_sheets: KeyedSheets
    cells: Cells
    publications: Publications
    report_groups: ReportGroups
    key_destructions: KeyDestructions

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        """Note what somebody does, in this transaction; nothing if the platform acts by itself.

        `action` is the permission and the operation of the API, `subject` what it is done to.
        Answers, free texts and secrets are never noted.
        """


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Begins a unit of work, which commits on a clean exit."""


class Workflow(Protocol):
    """What this service asks the workflow service."""

    async def pauses(self) -> list[Mark]:
        """Where the pauses of all rollouts under way, and of their units, began and ended.

        Raises PausesUnknownError.
        """
