"""What the use cases need from storage, from other services and from the workflow engine."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.journey.turn import AssignModules, Evidence, OpenRounds, Situation
from workflow_service.domain.organisation.unit import Unit
from workflow_service.domain.rollout.commands import Command
from workflow_service.domain.rollout.gate import UnitEvidence
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.template.template import RolloutTemplate


class UnitRepository(Protocol):
    """The units of the organisation."""

    async def lock_tree(self) -> None:
        """Let no other transaction change units until this one ends: a check of the tree holds."""

    async def all(self) -> dict[str, Unit]:
        """Every unit, by id."""

    async def get(self, unit_id: str) -> Unit | None: ...

    async def page(
        self, offset: int, limit: int, within: Collection[str] | None
    ) -> tuple[list[Unit], int]:
        """Some units in id order, and how many there are in all: of these ids, or of every unit."""

    async def save(self, units: Sequence[Unit]) -> None:
        """Store new and changed units. The caller holds the tree's lock."""


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A registered version: the template, and the document it was read from."""

    template: RolloutTemplate
    document: Mapping[str, Any]
    registered_at: datetime


class TemplateRepository(Protocol):
    """Registered template versions. They never change."""

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        """One version, or the newest if none is named."""

    async def page(self, offset: int, limit: int) -> tuple[list[StoredTemplate], int]:
        """Some versions by id and version, and how many there are in all."""

    async def add(self, stored: StoredTemplate) -> bool:
        """Store a new version; False if that version is there already, perhaps since just now."""


@dataclass(frozen=True, slots=True)
class Transition:
    """An accepted transition as stored. `by` is a subject, or `workflow` for time and evidence.

    `request_id` is the same for the same request, so that its second coming changes nothing.
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
    """What another service told; `reference` is the id of the thing it is about."""

    rollout_id: UUID
    unit_id: str
    evidence: Evidence
    reference: UUID
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JourneyFilter:
    """Which journeys are asked for; None means all. `unit_ids` is the caller's scope."""

    wave: int | None = None
    status: str | None = None
    unit_ids: frozenset[str] | None = None


class RolloutRepository(Protocol):
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

    async def page(self, offset: int, limit: int) -> tuple[list[Rollout], int]: ...

    async def going(self) -> list[Rollout]:
        """Every rollout that has not ended."""

    async def transitions(
        self, rollout_id: UUID, offset: int, limit: int
    ) -> tuple[list[Transition], int]:
        """Newest first, and how many there are in all."""

    async def journeys(
        self, rollout_id: UUID, unit_ids: Collection[str] | None = None
    ) -> dict[str, Journey]:
        """The rollout's journeys by unit id: all, or those of these units."""

    async def units_under_way(self) -> frozenset[str]:
        """The units with a journey that has not ended, in whichever rollout."""

    async def save_journeys(self, journeys: Sequence[Journey]) -> None:
        """Store changed journeys. The caller holds the rollout's lock."""

    async def situations(self, rollout_id: UUID, wave: int) -> list[Situation]:
        """A wave's journeys with the evidence and the manager, by unit id."""

    async def situations_page(
        self, rollout_id: UUID, wanted: JourneyFilter, offset: int, limit: int
    ) -> tuple[list[Situation], int]: ...

    async def pilot_evidence(self, rollout_id: UUID) -> list[UnitEvidence]: ...

    async def add_evidence(self, new: NewEvidence) -> bool:
        """Store evidence once; False if there is no such journey."""


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    rollouts: RolloutRepository
    units: UnitRepository
    templates: TemplateRepository

    def record(self, event: object) -> None: ...


class Peers(Protocol):
    """Commands to other services. Raises PeerRefused, or PeerUnavailable to try again."""

    async def open_rounds(self, command: OpenRounds) -> None: ...

    async def assign_modules(self, command: AssignModules) -> None: ...


class PeerUnavailable(Exception):
    """The other service did not answer; nothing is known of the command."""


class PeerRefused(Exception):
    """The other service will not do it."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class EngineUnavailable(Exception):
    """The workflow engine did not answer in time; nothing is known of what was asked."""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """An administrator's action. `request_id` comes from the Idempotency-Key and its caller."""

    command: Command
    by: str
    request_id: str
    expected_version: int | None = None


class Engine(Protocol):
    """The workflows that wait and act. Starting one that runs is harmless."""

    async def start_rollout(self, rollout_id: UUID) -> None: ...

    async def start_wave(self, rollout_id: UUID, wave: int) -> None: ...

    async def nudge_wave(self, rollout_id: UUID, wave: int) -> None:
        """Start the wave's workflow, or tell it to look again."""

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        """The rollout's version after the action. Raises DomainError or EngineUnavailable;
        RuntimeError if the action failed, and would fail again."""
