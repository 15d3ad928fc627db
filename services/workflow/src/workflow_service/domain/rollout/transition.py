"""What every transition of a rollout can be asked.

A command is what a person asks for, a step what time and evidence make due. Each states when it is
possible, which stored facts it needs, and which events it causes. An event states what it changes:
the rollout, unit journeys, and which waves must look again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey, JourneyEvent, Status
from workflow_service.domain.rollout import gate
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.waves import Wave
from workflow_service.domain.template.template import RolloutTemplate


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not possible: a stable code, and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Member:
    """A unit that takes part: its journey, and how many people work there."""

    journey: Journey
    headcount: int


@dataclass(frozen=True, slots=True)
class Needs:
    """Which stored facts a transition rests on: the members of a wave, some units or every unit
    of the rollout, the pilot's evidence, and in which other rollouts these members are under way.
    What is not named is not loaded."""

    wave: int | None = None
    unit_ids: tuple[str, ...] = ()
    every_unit: bool = False
    pilot_evidence: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What is stored around a rollout, as far as a transition needs it. `members` by unit id;
    `elsewhere`: units that are under way in another rollout, and in which."""

    template: RolloutTemplate
    members: Mapping[str, Member] = field(default_factory=dict)
    pilot: Sequence[gate.UnitEvidence] = ()
    elsewhere: Mapping[str, UUID] = field(default_factory=dict)


Effects = tuple[list[Journey], list[JourneyEvent]]
"""The journeys that an event changes, as they are after it, and their own events."""


class RolloutEvent:
    """Something that happened to a rollout. It is stored with the transition that caused it."""

    __slots__ = ()

    def evolve(self, state: Rollout) -> Rollout:
        """The rollout after the event. Total: an event that happened is never refused."""
        return state

    def effects(self, members: Mapping[str, Member]) -> Effects:
        """What the event changes in unit journeys."""
        return [], []

    def waves_to_nudge(self, state: Rollout) -> tuple[int, ...]:
        """The waves whose workflow must look again; `state` is the rollout after the event."""
        return ()


Events = tuple[RolloutEvent, ...]


class Step:
    """A transition that time and evidence make due."""

    __slots__ = ()
    action: str

    def needs(self, state: Rollout) -> Needs:
        """Which facts `decide` must be given."""
        return Needs()

    def decide(self, state: Rollout, facts: Facts, by: str, now: datetime) -> Events:
        """The events it causes. Raises DomainError if the facts do not allow it."""
        raise NotImplementedError


class Command(Step):
    """A transition that a person asks for, if the rules allow it.

    Its fields are the parameters: the API's body, the history's detail and the name of the route
    are derived from the class (entrypoints/http/action_bodies.py).
    """

    __slots__ = ()
    while_paused: ClassVar[bool] = False

    @classmethod
    def why_not(cls, state: Rollout, by: str) -> Reason | None:
        """Why it is not possible now whatever its parameters; None if it is."""
        return None

    @classmethod
    def why_for_none(cls, journeys: Collection[Status]) -> Reason | None:
        """Why it is possible for no unit; `journeys` are the statuses that occur in the rollout."""
        return None

    def why_not_this(self, state: Rollout) -> Reason | None:
        """Why it is not possible with these parameters."""
        return None


def why_wave_waits(wave: Wave) -> Reason | None:
    """Which legal prerequisites are missing before the wave may start."""
    if not wave.missing:
        return None
    return Reason(
        "prerequisites-missing",
        f"Wave {wave.number} lacks: {', '.join(wave.missing)}. Record them first.",
    )


def under_way_elsewhere(elsewhere: Mapping[str, UUID]) -> DomainError:
    """The refusal to start units that are under way in another rollout: two rounds would be open
    in one unit at once."""
    places = [f"{unit_id} in rollout {rollout}" for unit_id, rollout in sorted(elsewhere.items())]
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    return DomainError(
        "unit-in-other-rollout",
        "conflict",
        f"Under way already: {', '.join(places[:5])}{more}. Let that journey end or stop the unit"
        " there first.",
    )
