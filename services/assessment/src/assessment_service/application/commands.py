"""The commands of this service. Inputs are parsed and the caller's role is checked; the domain
decides whether the rules allow them."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from assessment_service.application.ports import Scope
from assessment_service.domain.pauses import Mark
from assessment_service.domain.round import Release
from assessment_service.domain.sheet import Answers


@dataclass(frozen=True, slots=True)
class OpenRounds:
    """Open a round in each of these units, as part of a release.

    A new release waits for the rounds of `awaited`, until `wait_until`.
    """

    release: Release
    unit_ids: tuple[str, ...]
    closes_at: datetime
    wait_until: datetime | None = None
    awaited: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class JoinUnits:
    """Report the units of each group together, and all others of the rollout by themselves.

    `expected` are the groups that the sender saw; None if whatever there is may be replaced.
    """

    rollout_id: UUID
    groups: tuple[tuple[str, ...], ...]
    expected: tuple[tuple[str, ...], ...] | None = None


@dataclass(frozen=True, slots=True)
class CloseRound:
    """Close a round, if necessary before its closing time."""

    round_id: UUID


@dataclass(frozen=True, slots=True)
class ExtendRound:
    """Give an open round another closing time."""

    round_id: UUID
    closes_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class HandInShare:
    """Hand in the custodian's share of a release's key."""

    release_id: UUID
    share: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WriteOffRound:
    """Allow a release without a closed round whose sheets cannot be read."""

    round_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class StopAsking:
    """An event reported that a unit's journey stopped: close its open rounds in the rollout."""

    event_id: UUID
    rollout_id: UUID
    unit_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordPause:
    """A unit's journey or a rollout was paused or resumed; `event_id` names the report of it."""

    event_id: UUID
    mark: Mark


@dataclass(frozen=True, slots=True)
class SubmitAnswer:
    """A person's whole sheet. `units` are the units that the person's token names.

    Its repr leaves out who answered what, so that no log can show it by accident.
    """

    round_id: UUID
    issuer: str = field(repr=False)
    subject: str = field(repr=False)
    units: frozenset[str] = field(repr=False)
    scope: Scope = field(repr=False)
    answers: Answers = field(repr=False)
