"""Rollout templates: immutable, versioned data that says how long each step takes, what the pilot's
gate weighs and how waves run. A template that cannot work is refused when it is registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from workflow_service.domain.duration import Duration

StepName = Literal["preparation", "baseline", "modules", "follow_up", "after_care"]
STEPS: tuple[StepName, ...] = get_args(StepName)
Measure = Literal[
    "participation",
    "meetings_held",
    "actions_chosen",
    "actions_checked_back",
    "modules_completed",
    "change_since_baseline",
]
# Four pilots cannot support a claim about effects: this one is shown, and never decides.
DRY_RUN_ONLY: frozenset[Measure] = frozenset({"change_since_baseline"})
# Measured in points of the index 0-100; every other measure is a percentage.
IN_POINTS: frozenset[Measure] = frozenset({"change_since_baseline"})
Order = Literal["headcount", "unit_id"]
MAX_WAVE_SIZE = 200


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class InstrumentRef:
    """A version of an assessment instrument."""

    id: str
    version: int


@dataclass(frozen=True, slots=True)
class Preparation:
    """Over when its least time has passed and a manager is assigned."""

    min_duration: Duration


@dataclass(frozen=True, slots=True)
class Round:
    """A self-assessment round: how long it is open, and with which instrument.

    The results of a wave's units come out together, at the latest `release_within` after the first
    of them began; by default, after twice the window.
    """

    window: Duration
    instrument: InstrumentRef
    release_within: Duration | None = None

    @property
    def longest_wait(self) -> Duration:
        """How long after its first round a release comes out at the latest."""
        return self.release_within or self.window.doubled()


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules a unit works with, and the least time for that."""

    module_ids: tuple[str, ...]
    min_duration: Duration


@dataclass(frozen=True, slots=True)
class AfterCare:
    """When, counted from the end of the follow-up, the unit is looked at again."""

    checkpoints: tuple[Duration, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """The five steps of a unit's journey, in order."""

    preparation: Preparation
    baseline: Round
    modules: Modules
    follow_up: Round
    after_care: AfterCare


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion of a gate: at or above `pass_at_least` passes, below `fail_below` fails, and
    between the two it is inconclusive. A dry-run criterion is shown and does not decide."""

    code: str
    measure: Measure
    pass_at_least: float
    fail_below: float
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Gate:
    """What the pilot is weighed by. At least one criterion decides."""

    name: str
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Waves:
    """How the wide introduction is cut: units per wave, in which order, how far apart, and which
    step all units of a wave must have finished before the next wave may start."""

    size: int
    verified_after: StepName
    order: Order
    gap: Duration


@dataclass(frozen=True, slots=True)
class MinutesAsked:
    """Minutes that each step asks of one manager and of one employee."""

    manager: Mapping[StepName, int]
    employee: Mapping[StepName, int]


@dataclass(frozen=True, slots=True)
class RolloutTemplate:
    """One version of a template. A rollout keeps to the version it was created from."""

    template_id: str
    version: int
    name: Text
    steps: Steps
    pilot_gate: Gate
    waves: Waves
    minutes_asked: MinutesAsked
