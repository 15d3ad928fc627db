"""What a wave does next: pure functions from a snapshot to moves, requests to other services and
the next due time.

The wave workflow calls them to act, the API to explain. Stored evidence decides, however the news
of it arrived, so a lost or repeated signal changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from workflow_service.domain.calendar import civil_date
from workflow_service.domain.journey.evidence import Evidence
from workflow_service.domain.journey.journey import (
    ENDED,
    ROUND_STEPS,
    Journey,
    Move,
    Occasion,
    Status,
)
from workflow_service.domain.journey.pauses import Hold, held, lasts
from workflow_service.domain.journey.progress import WaveProgress
from workflow_service.domain.template.template import (
    STEPS,
    InstrumentRef,
    RolloutTemplate,
    Round,
    StepName,
)

NAMESPACE = uuid5(NAMESPACE_URL, "https://um-platform.example.se/workflow")
MANAGER, TIME, ANSWER = "manager", "time", "answer"
ROLLOUT_PAUSED, IN_OTHER_ROLLOUT = "rollout-paused", "unit-in-other-rollout"
NEEDS: dict[str, tuple[str, ...]] = {
    "preparation": (),
    "baseline": ("baseline_released",),
    "modules": ("meeting_held", "action_chosen"),
    "follow_up": ("follow_up_released", "action_checked_back"),
    "after_care": (),
}


@dataclass(frozen=True, slots=True)
class Situation:
    """A journey with what is known around it: the first evidence of each kind, the manager, when
    the round of its step closes, if one was opened, and whether the unit is under way in another
    rollout, which is looked up only for journeys that wait for their start."""

    journey: Journey
    name: str
    headcount: int
    has_manager: bool
    evidence: tuple[Evidence, ...] = ()
    round_closes_at: datetime | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class WaveSnapshot:
    """A wave as stored; `pauses` are those of its rollout."""

    rollout_id: UUID
    wave: int
    rollout_status: str
    template: RolloutTemplate
    units: tuple[Situation, ...]
    pauses: tuple[Hold, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a journey waits for (nothing: it can move now) and when its next date is."""

    waiting_for: tuple[str, ...]
    next_step_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenRounds:
    """A request to the assessment service: one round per unit, released together with those of all
    `awaited` units, or at `release_by` without those that are missing.

    A request that an earlier version of this code has planned waits for nobody.
    """

    rollout_id: UUID
    release_id: UUID
    occasion: Occasion
    instrument: InstrumentRef
    closes_at: datetime
    unit_ids: tuple[str, ...]
    at: datetime
    release_by: datetime | None = None
    awaited: tuple[str, ...] = ()

    @property
    def step(self) -> str:
        """The step that begins with it."""
        return self.occasion


@dataclass(frozen=True, slots=True)
class AssignModules:
    """A request to the content service: these modules for these units."""

    rollout_id: UUID
    module_ids: tuple[str, ...]
    unit_ids: tuple[str, ...]
    at: datetime

    @property
    def step(self) -> str:
        """The step that begins with it."""
        return "modules"

    @property
    def release_id(self) -> None:
        """Modules belong to no release."""


PeerRequest = OpenRounds | AssignModules
"""What another service is asked to do for some units."""


def outlook(
    situation: Situation, template: RolloutTemplate, pauses: tuple[Hold, ...], now: datetime
) -> Outlook:
    """What this journey waits for. `pauses` are the rollout's: they hold its clock, too. No date is
    known while one lasts."""
    journey = situation.journey
    if journey.status != "active" or journey.step_started_at is None:
        return Outlook(resting(journey.status, situation.elsewhere, pauses), None)
    paused = (ROLLOUT_PAUSED,) if lasts(pauses) else ()
    step, waiting = journey.step, []
    earliest = _earliest(journey, template, pauses, now)
    if earliest and now < earliest:
        waiting.append(TIME)
    if step == "preparation" and not situation.has_manager:
        waiting.append(MANAGER)
    if _to_ask(situation):
        waiting.append(journey.refused or ANSWER)
    known = {evidence.kind for evidence in situation.evidence}
    waiting += [need for need in NEEDS[step] if need not in known]
    known_date = situation.round_closes_at if step in ROUND_STEPS else earliest
    return Outlook((*waiting, *paused), None if paused else known_date)


def resting(status: Status, elsewhere: bool, pauses: tuple[Hold, ...]) -> tuple[str, ...]:
    """What a journey waits for that is not active."""
    if status in ENDED:
        return (status,)
    other = (IN_OTHER_ROLLOUT,) if elsewhere else ()
    return (status, *other, *((ROLLOUT_PAUSED,) if lasts(pauses) else ()))


def _to_ask(situation: Situation) -> bool:
    """Whether the step's request is still to be accepted. A round whose results are out was
    opened, whatever the answer to the request was."""
    journey = situation.journey
    released = f"{ROUND_STEPS.get(journey.step)}_released"
    return journey.unasked and all(evidence.kind != released for evidence in situation.evidence)


def _earliest(
    journey: Journey, template: RolloutTemplate, pauses: tuple[Hold, ...], now: datetime
) -> datetime | None:
    least = {
        "preparation": template.steps.preparation.min_duration,
        "modules": template.steps.modules.min_duration,
    }.get(journey.step)
    start = journey.step_started_at
    if least is None or start is None:
        return None
    return least.after(start) + held((*pauses, *journey.pauses), start, now)


def _round(template: RolloutTemplate, step: StepName) -> Round:
    return template.steps.baseline if step == "baseline" else template.steps.follow_up


def plan_moves(snapshot: WaveSnapshot, now: datetime) -> tuple[Move, ...]:
    """The journeys that can take their next step now. None while the rollout is not active."""
    if snapshot.rollout_status != "active":
        return ()
    ready = [s for s in snapshot.units if _ready(s, snapshot.template, snapshot.pauses, now)]
    return tuple(_move(s, snapshot, now) for s in ready)


def _ready(
    situation: Situation, template: RolloutTemplate, pauses: tuple[Hold, ...], now: datetime
) -> bool:
    return (
        situation.journey.status == "active"
        and not outlook(situation, template, pauses, now).waiting_for
    )


def _move(situation: Situation, snapshot: WaveSnapshot, now: datetime) -> Move:
    journey, step = situation.journey, _next(situation.journey.step)
    after_care: tuple[date, ...] = ()
    if step == STEPS[-1]:
        checkpoints = snapshot.template.steps.after_care.checkpoints
        after_care = tuple(civil_date(checkpoint.after(now)) for checkpoint in checkpoints)
    return Move(
        unit_id=journey.unit_id,
        version=journey.version,
        to_step=step,
        at=now,
        release_id=_release_id(snapshot, step) if step in ROUND_STEPS else None,
        after_care_on=after_care,
    )


def _next(step: StepName) -> StepName:
    return STEPS[min(STEPS.index(step) + 1, len(STEPS) - 1)]


def _release_id(snapshot: WaveSnapshot, step: StepName) -> UUID:
    """The units of a wave are released together on each occasion; a late one, in a release after
    that (`Journey.turned_down`)."""
    parts = (snapshot.rollout_id, snapshot.wave, ROUND_STEPS[step])
    return uuid5(NAMESPACE, "|".join(map(str, parts)))


def cause_of_move(situation: Situation) -> str | None:
    """The trace of the newest evidence that lets the journey leave its step, if there is any."""
    return _newest_trace(_evidence_of_step(situation, situation.journey.step))


def cause_of_request(situations: Sequence[Situation]) -> str | None:
    """The trace that a batch of requests continues: the one of the unit with the newest evidence
    of the step before."""
    return _newest_trace(
        [
            evidence
            for each in situations
            for evidence in _evidence_of_step(each, _before(each.journey.step))
        ]
    )


def _evidence_of_step(situation: Situation, step: StepName) -> list[Evidence]:
    return [e for e in situation.evidence if e.kind in NEEDS[step] and e.traceparent]


def _newest_trace(found: Sequence[Evidence]) -> str | None:
    return max(found, key=lambda evidence: evidence.at).traceparent if found else None


def _before(step: StepName) -> StepName:
    return STEPS[max(STEPS.index(step) - 1, 0)]


def plan_requests(snapshot: WaveSnapshot, now: datetime) -> tuple[PeerRequest, ...]:
    """What other services must be asked for now, in batches. Asking twice is harmless."""
    if snapshot.rollout_status != "active":
        return ()
    unasked = [situation for situation in snapshot.units if _to_ask(situation)]
    return (*_rounds(snapshot, unasked, now), *_assignments(snapshot, unasked, now))


def _rounds(
    snapshot: WaveSnapshot, unasked: Sequence[Situation], now: datetime
) -> list[OpenRounds]:
    batches: dict[tuple[StepName, UUID], list[Situation]] = {}
    for situation in unasked:
        journey = situation.journey
        if journey.step in ROUND_STEPS and journey.release_id:
            batches.setdefault((journey.step, journey.release_id), []).append(situation)
    requests = []
    for (step, release_id), batch in sorted(batches.items()):
        plan = _round(snapshot.template, step)
        requests.append(
            OpenRounds(
                rollout_id=snapshot.rollout_id,
                release_id=release_id,
                occasion=ROUND_STEPS[step],
                instrument=plan.instrument,
                closes_at=plan.window.after(now),
                unit_ids=_ids(batch),
                at=now,
                release_by=plan.longest_wait.after(now),
                awaited=_ids(s for s in snapshot.units if _may_join(s.journey, step, release_id)),
            )
        )
    return requests


def _may_join(journey: Journey, step: StepName, release_id: UUID) -> bool:
    """Whether the unit's round of this step is still to open, and can be in this release."""
    is_before = STEPS.index(journey.step) < STEPS.index(step)
    is_planned = (journey.step, journey.release_id, journey.asked_at) == (step, release_id, None)
    return not journey.ended and (is_before or is_planned)


def _assignments(
    snapshot: WaveSnapshot, unasked: Sequence[Situation], now: datetime
) -> list[AssignModules]:
    batch = [situation for situation in unasked if situation.journey.step == "modules"]
    if not batch:
        return []
    modules = snapshot.template.steps.modules.module_ids
    return [AssignModules(snapshot.rollout_id, modules, _ids(batch), now)]


def still_wanted(request: PeerRequest, journey: Journey) -> bool:
    """Whether a request that was planned earlier is still what this journey needs."""
    planned_for = (journey.step, journey.release_id)
    return journey.unasked and planned_for == (request.step, request.release_id)


def _ids(batch: Iterable[Situation]) -> tuple[str, ...]:
    return tuple(sorted(situation.journey.unit_id for situation in batch))


def next_due(snapshot: WaveSnapshot, now: datetime) -> datetime | None:
    """When time alone lets a journey move next."""
    times = []
    for situation in snapshot.units:
        view = outlook(situation, snapshot.template, snapshot.pauses, now)
        if TIME in view.waiting_for and view.next_step_at:
            times.append(view.next_step_at)
    return min(times, default=None)


def milestone(snapshot: WaveSnapshot) -> Literal["running", "verified", "ended"]:
    """How far the wave is, as far as its rollout cares."""
    progress = WaveProgress.of(situation.journey for situation in snapshot.units)
    if progress.ended:
        return "ended"
    return "verified" if progress.verified(snapshot.template) else "running"
