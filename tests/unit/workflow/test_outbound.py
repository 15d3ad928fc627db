"""Every domain event is published, and nothing that should stay inside is."""

import dataclasses
import pkgutil
import typing
from datetime import date, timedelta
from importlib import import_module
from uuid import UUID

import pytest

from contracts import workflow as w
from contracts.registry import EVENTS, owner_of
from unit.workflow.clock import NOW
from unit.workflow.rollout.samples import DECISION_ID, ROLLOUT_ID
from workflow_service.adapters import outbound
from workflow_service.adapters.outbound import translate
from workflow_service.domain import rollout as rooms
from workflow_service.domain.duration import Duration
from workflow_service.domain.journey import journey as j
from workflow_service.domain.journey.journey import JourneyEvent
from workflow_service.domain.organisation.unit import UnitEvent, UnitFacts
from workflow_service.domain.rollout.decision import DecisionApproved
from workflow_service.domain.rollout.gate import CriterionResult, EvaluatedGate, Override
from workflow_service.domain.rollout.introduction import WavesPlanned
from workflow_service.domain.rollout.rollout import MAX_UNITS, RolloutCreated
from workflow_service.domain.rollout.standstill import UnitPaused, UnitResumed, UnitStopped
from workflow_service.domain.rollout.transition import RolloutEvent
from workflow_service.domain.rollout.waves import MAX_WAVES, PlannedWave, Prerequisite, plan_waves

SECRETS = ("reason-to-keep", "subject-to-keep")
REASON, SUBJECT = SECRETS
CRITERION = CriterionResult("held", "pass", 75.0, 75.0, False, False, "meetings", "x")
GATE = EvaluatedGate("pilot", "pass", NOW, (CRITERION,))
SAMPLES: dict[type, object] = {
    UUID: ROLLOUT_ID,
    EvaluatedGate: GATE,
    Override: Override("fail", SUBJECT, REASON, NOW),
    Prerequisite: Prerequisite("risk_assessment", REASON, date(2026, 2, 1), SUBJECT),
    UnitFacts: UnitFacts("unit-1", "Sample unit", "unit", None, 12),
}
FIELDS: dict[str, object] = {
    "dissolved_on": None,
    "successor_id": None,
    "unit_ids": ("unit-1", "unit-2"),
    "starts": ((1, NOW),),
    "waves": 2,
    "nameable": True,
    "after_care_on": (date(2027, 2, 28),),
    "evaluate_again_at": NOW,
    "at": NOW,
    "by": SUBJECT,
    "reason": REASON,
    "reasons": REASON,
    "outcome": "stop",
    "step": "modules",
    "wave": 1,
    "version": 3,
    "template_version": 1,
    "unit_id": "unit-1",
}
PLANNED = (PlannedWave(1, NOW, ("unit-1", "unit-2")),)


def rollout_events() -> list[type]:
    """Every event class that a module of the rollout room defines."""
    modules = [
        import_module(f"{rooms.__name__}.{found.name}")
        for found in pkgutil.iter_modules(rooms.__path__)
    ]
    classes = {
        each for module in modules for each in vars(module).values() if isinstance(each, type)
    }
    of_rollout = {each for each in classes if issubclass(each, RolloutEvent)} - {RolloutEvent}
    return sorted(of_rollout, key=lambda each: each.__name__)


def events() -> list[type]:
    return [
        RolloutCreated,
        *rollout_events(),
        *typing.get_args(JourneyEvent),
        *typing.get_args(UnitEvent),
    ]


def sample(event: type) -> object:
    hints = typing.get_type_hints(event)
    values = {
        field.name: FIELDS.get(field.name, SAMPLES.get(hints[field.name], "RV 2026-0142"))
        for field in dataclasses.fields(event)
    }
    if event is WavesPlanned:
        values |= {"waves": PLANNED, "nameable": frozenset(["unit-1"])}
    return event(**values)


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_every_event_is_published_without_reasons_and_subjects(event: type) -> None:
    published = translate(sample(event))

    silent = (
        UnitPaused,
        UnitResumed,
        UnitStopped,
    )  # The journey has an event of its own for these.
    assert bool(published) is (event not in silent)
    for each in published:
        assert owner_of(type(each)) == "workflow"
        assert not any(secret in each.model_dump_json() for secret in SECRETS)


def test_every_contract_of_this_service_is_published_by_some_event() -> None:
    published = {type(each) for event in events() for each in translate(sample(event))}

    own = {event for event in EVENTS.values() if owner_of(event) == "workflow"}
    still_published = {event for event in own if not event.RETIRED}
    assert published == still_published - {w.AuditHeadSigned}  # which servicekit publishes


def test_an_event_without_a_line_is_an_error() -> None:
    with pytest.raises(KeyError):
        outbound.translate(object())


def test_small_units_are_not_named_to_others() -> None:
    small = j.StepStarted(ROLLOUT_ID, "unit-2", "modules", nameable=False)
    assert [type(each) for each in translate(small)] == [w.JourneyStepStarted]

    planned = WavesPlanned(ROLLOUT_ID, PLANNED, frozenset(["unit-1"]), NOW)
    timetable = translate(planned)[-1]
    assert isinstance(timetable, w.ExternalTimetablePublished)
    assert (timetable.waves[0].unit_count, timetable.waves[0].unit_ids) == (2, ("unit-1",))


def test_the_largest_rollout_fits_into_its_events() -> None:
    unit_ids = tuple(f"{number:063}" for number in range(MAX_UNITS))
    created = RolloutCreated(ROLLOUT_ID, "x" * 200, "u" * 63, 1_000_000, unit_ids)
    size = -(-MAX_UNITS // MAX_WAVES)
    gap = Duration(0, timedelta(hours=1))
    waves = plan_waves(dict.fromkeys(unit_ids, 9), size, "unit_id", gap, NOW)
    planned = WavesPlanned(ROLLOUT_ID, waves, frozenset(unit_ids), NOW)

    assert len(waves) == MAX_WAVES
    for event in (*translate(created), *translate(planned)):
        assert len(event.model_dump_json()) < 512 * 1024  # What the outbox takes.


def test_the_decision_is_published() -> None:
    approved = DecisionApproved(
        ROLLOUT_ID, DECISION_ID, "broad_introduction", "RV 2026-0142", SUBJECT, NOW
    )
    _, published = translate(approved)

    assert isinstance(published, w.ExternalDecisionPublished)
    assert (published.diary_number, published.decided_on) == ("RV 2026-0142", NOW.date())
