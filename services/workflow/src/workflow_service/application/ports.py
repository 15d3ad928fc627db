"""What the use cases need from storage, from other services and from the workflow engine."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from workflow_service.domain.journey.evidence import EvidenceDetail
from workflow_service.domain.journey.journey import Journey, Status
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.journey.turn import AssignModules, OpenRounds, Situation
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.organisation.unit_change import PlannedChange
from workflow_service.domain.organisation.unit_change import Status as ChangeStatus
from workflow_service.domain.rollout.commands import AnyCommand
from workflow_service.domain.rollout.gate import UnitEvidence
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.transition import Member
from workflow_service.domain.template.template import RolloutTemplate


class PageOf(Protocol):
    """Which part of a list is asked for."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's place in the tree: the ids from the root down to it, and those directly below."""

    path: tuple[str, ...]
    children: tuple[str, ...]


class Units(Protocol):
    """The units of the organisation."""

    async def lock_tree(self) -> None:
        """Let no other transaction change units until this one ends: a check of the tree holds."""

    async def all(self) -> dict[str, Unit]:
        """Every unit, by id. As large as the organisation."""

    async def get(self, unit_id: str) -> Unit | None: ...

    async def page(self, page: PageOf, within: Collection[str] | None) -> tuple[list[Unit], int]:
        """Some units in id order, and how many there are in all: of these ids, or of every unit."""

    async def places(self, unit_ids: Collection[str]) -> dict[str, Place]:
        """The place of each of these units that exists, by id."""

    async def branches(self) -> dict[str, str]:
        """The branch of every unit, by its id: the unit directly below the root above it; of a
        root, the root itself."""

    async def below(self, unit_ids: Collection[str]) -> frozenset[str]:
        """These units, as far as they exist, and all below them."""

    async def save(self, units: Sequence[Unit]) -> None:
        """Store new and changed units. The caller holds the tree's lock."""


class UnitChanges(Protocol):
    """Planned changes of the organisation."""

    async def add(self, planned: PlannedChange) -> None: ...

    async def lock(self, change_id: UUID) -> PlannedChange | None:
        """Read it; nobody else settles it before this transaction ends."""

    async def save(self, planned: PlannedChange) -> None:
        """Store its status."""

    async def due(self, today: date) -> list[UUID]:
        """Those still planned whose day has come, in the order of their days."""

    async def page(
        self, page: PageOf, status: ChangeStatus | None
    ) -> tuple[list[PlannedChange], int]:
        """By day, the latest first, and how many there are in all."""


class Managements(Protocol):
    """Which units have a manager. A unit may be reported before it is registered here."""

    async def of(self, unit_ids: Collection[str]) -> dict[str, Management]:
        """What is known of these units, by id."""

    async def keep(self, management: Management) -> None:
        """Store it, unless something as new is stored."""

    async def missing(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        """Journeys that have not ended and whose unit has no manager, in rollouts under way, and
        how many there are in all. With `unit_ids` those of these units only."""


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A registered version: the template, and the document it was read from."""

    template: RolloutTemplate
    document: Mapping[str, Any]
    registered_at: datetime


class Templates(Protocol):
    """Registered template versions. They never change."""

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        """One version, or the newest if none is named."""

    async def page(self, page: PageOf) -> tuple[list[StoredTemplate], int]:
        """Some versions by id and version, and how many there are in all."""

    async def add(self, stored: StoredTemplate) -> bool:
        """Store a new version; False if that version is there already, perhaps since just now."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An accepted transition as stored. `by` is a subject, or `workflow` for time and evidence.

    `request_id` is the same for the same request, so that repeating it changes nothing.
    """

    version: int
    request_id: str
    action: str
    by: str
    at: datetime
    reason: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """What another service reported; `reference` is the id of the thing it is about."""

    rollout_id: UUID
    unit_id: str
    reference: UUID
    at: datetime
    detail: EvidenceDetail
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class JourneyFilter:
    """Which journeys of a rollout are meant; None means all. `text` is somewhere in the unit's name
    or id, in whatever case."""

    wave: int | None = None
    status: str | None = None
    step: str | None = None
    text: str | None = None
    unit_ids: Collection[str] | None = None


ALL_JOURNEYS = JourneyFilter()


class Rollouts(Protocol):
    """Rollouts, their transitions, journeys and evidence."""

    async def add(
        self, state: Rollout, journeys: Sequence[Journey], transition: Transition
    ) -> None: ...

    async def get(self, rollout_id: UUID) -> Rollout | None: ...

    async def lock(self, rollout_id: UUID) -> Rollout | None:
        """The rollout; no other transaction writes it or its journeys until this one ends."""

    async def save(self, state: Rollout, transition: Transition) -> None: ...

    async def is_known(self, rollout_id: UUID, request_id: str) -> bool:
        """Whether this request has had its effect."""

    async def page(self, page: PageOf) -> tuple[list[Rollout], int]:
        """Newest first, and how many there are in all."""

    async def public(self, page: PageOf) -> tuple[list[Rollout], int]:
        """Those whose pilot has begun, newest first, and how many there are in all."""

    async def going(self) -> list[Rollout]:
        """Every rollout that has not ended."""

    async def transitions(self, rollout_id: UUID, page: PageOf) -> tuple[list[Transition], int]:
        """Newest first, and how many there are in all."""

    async def journeys(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Journey]:
        """Journeys by unit id."""

    async def members(
        self, rollout_id: UUID, wanted: JourneyFilter = ALL_JOURNEYS
    ) -> dict[str, Member]:
        """Journeys with their units' headcounts, by unit id."""

    async def progress(self, rollout_id: UUID, waves: Collection[int]) -> dict[int, WaveProgress]:
        """How far these waves are, by their number."""

    async def progress_of_all(self, rollout_id: UUID) -> WaveProgress:
        """How far all journeys of the rollout are."""

    async def stuck(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Journey], int]:
        """Active journeys whose step's request another service refuses, in rollouts under way, and
        how many there are in all. None means of every unit."""

    async def journeys_under_way(self, unit_ids: Collection[str]) -> list[Journey]:
        """The journeys of these units that have not ended, in rollouts under way, by rollout."""

    async def journeys_of(self, unit_id: str) -> list[tuple[Rollout, Journey]]:
        """Every journey of a unit with its rollout, the newest rollout first."""

    async def open_rounds(self, unit_ids: Collection[str], at: datetime) -> list[tuple[UUID, str]]:
        """(rollout, unit) of the rounds of these units that close after `at`."""

    async def units_under_way(self) -> frozenset[str]:
        """The units with a journey that has not ended, in any rollout."""

    async def under_way_elsewhere(
        self, rollout_id: UUID, unit_ids: Collection[str]
    ) -> dict[str, UUID]:
        """Those of these units whose journey in another rollout has started and not ended, and
        which rollout that is."""

    async def save_journeys(self, journeys: Sequence[Journey]) -> None:
        """Store changed journeys. The caller holds the rollout's lock."""

    async def situations(self, rollout_id: UUID, wanted: JourneyFilter) -> list[Situation]:
        """Journeys with the evidence and the manager, by unit id."""

    async def situations_page(
        self, rollout_id: UUID, wanted: JourneyFilter, page: PageOf
    ) -> tuple[list[Situation], int]:
        """Some of them, and how many there are in all."""

    async def pilot_evidence(self, rollout_id: UUID) -> list[UnitEvidence]:
        """What each pilot unit did, by unit id."""

    async def references_of_evidence(self, rollout_id: UUID) -> frozenset[tuple[str, str, UUID]]:
        """(unit, kind, reference) of all evidence, also of what was withdrawn."""

    async def add_evidence(self, new: NewEvidence) -> bool:
        """Store evidence; of one reference the newest counts, in whatever order it comes, and only
        if it is newer than its newest withdrawal. False if there is no such journey."""

    async def withdraw_evidence(
        self, rollout_id: UUID, unit_id: str, kind: str, reference: UUID, at: datetime
    ) -> None:
        """From now on this evidence does not count, whether it is stored already or comes later;
        `at` is when it was withdrawn. Evidence with the same reference that is newer counts."""

    async def note_round(
        self, rollout_id: UUID, unit_id: str, occasion: str, closes_at: datetime, at: datetime
    ) -> None:
        """When a unit's round closes, as published `at`; older news changes nothing."""


class BoardRow(NamedTuple):
    """A unit's journey in short. `elsewhere`: it waits for its start and is under way in another
    rollout."""

    unit_id: str
    name: str
    wave: int | None
    step: str
    status: Status
    elsewhere: bool


class Boards(Protocol):
    """All units of a rollout at once."""

    async def rows(self, rollout_id: UUID, wanted: JourneyFilter, at_most: int) -> list[BoardRow]:
        """Those that are wanted, by unit id, so many at most."""

    async def unit_ids(self, rollout_id: UUID, wanted: JourneyFilter) -> list[str]:
        """Those that are wanted, in any order."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A version of something that another service publishes; a module is named without one."""

    kind: Literal["instrument", "module"]
    id: str
    version: int | None = None


class References(Protocol):
    """What other services have published, as far as their events have arrived."""

    async def add(self, kind: Literal["instrument", "module"], id_: str, version: int) -> None: ...

    async def unknown(self, references: Sequence[Reference]) -> list[Reference]:
        """Those of these that are not known, or not yet."""

    async def all(self) -> frozenset[Reference]:
        """Everything that is known, each with its version."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What services know differently about a rollout or a unit; None for what is not about one.

    `missing`: the other service lacks it, or this one lacks what the other has; `orphan`: only the
    other has it; `contradictory`: both have it, and differently. `what` names it: a version, an id,
    a day. `code` is what a person has to mend; empty if it was mended.
    """

    kind: Literal["missing", "orphan", "contradictory"]
    subject: Literal["round", "modules", "evidence", "unit", "instrument", "module"]
    rollout_id: UUID | None = None
    unit_id: str | None = None
    what: str = ""
    code: str = ""


class Differences(Protocol):
    """Those that the last comparison left for a person."""

    async def replace(self, found: Sequence[Difference]) -> None:
        """From now on it is these: one that was there already stays, and is not a new one."""

    async def page(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Difference], int]:
        """Some of them, and how many there are in all. With `unit_ids` those of these units, and
        those of no unit."""


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    @property
    def rollouts(self) -> Rollouts: ...

    @property
    def boards(self) -> Boards: ...

    @property
    def units(self) -> Units: ...

    @property
    def managements(self) -> Managements: ...

    @property
    def unit_changes(self) -> UnitChanges: ...

    @property
    def templates(self) -> Templates: ...

    @property
    def references(self) -> References: ...

    @property
    def differences(self) -> Differences: ...

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock."""

    def record(self, event: object, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits. `cause` is the trace that
        it continues; by default the one under way."""

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


class Peers(Protocol):
    """Requests to other services. Raises PeerRefused, or PeerUnavailable to try again.

    `cause` is the trace that the request continues.
    """

    async def open_rounds(self, request: OpenRounds, cause: str | None) -> None: ...

    async def assign_modules(self, request: AssignModules, cause: str | None) -> None: ...


class PeerUnavailable(Exception):
    """The other service did not answer; whether it accepted the request is not known."""


class PeerRefused(Exception):
    """The other service will not do it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class EngineUnavailable(Exception):
    """The workflow engine did not answer in time; what became of the request is not known."""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An administrator's action. `request_id` comes from the Idempotency-Key and its caller."""

    command: AnyCommand
    by: str
    request_id: str
    expected_version: int | None = None


class Engine(Protocol):
    """The workflows that wait and act. Starting one that runs is harmless."""

    async def start_rollout(self, rollout_id: UUID) -> None: ...

    async def nudge_rollout(self, rollout_id: UUID) -> None:
        """Start the rollout's workflow, or make it look again."""

    async def start_wave(self, rollout_id: UUID, wave: int) -> None: ...

    async def nudge_wave(self, rollout_id: UUID, wave: int) -> None:
        """Start the wave's workflow, or make it look again."""

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        """The rollout's version after the action. Raises DomainError or EngineUnavailable;
        RuntimeError if the action failed, and would fail again."""
