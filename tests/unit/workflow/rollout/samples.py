"""A small rollout to test with: four pilot units and six others."""

from typing import Any, Literal
from uuid import UUID

from unit.workflow.clock import NOW
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.ports import StoredTemplate
from workflow_service.application.rollout.commands import CreateRollout
from workflow_service.application.rollout.handlers import create_rollout
from workflow_service.domain.journey.evidence import RoundReleased
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.management import Management
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout import gate, rollout
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.domain.rollout.waves import LEGAL_PREREQUISITES, Prerequisite
from workflow_service.domain.template.document import template_of

ROLLOUT_ID = UUID("6f1c6a34-4a55-4a0e-9b64-1f3f0b3b7a10")
DECISION_ID = UUID("0b0f5d56-98d5-4d76-8f5a-3f1d9c1f0001")
ADMINISTRATOR, SECOND = "administrator", "second-administrator"
TEMPLATE = template_of(DOCUMENT)
PILOTS = ("pilot-1", "pilot-2", "pilot-3", "pilot-4")
OTHERS = ("unit-1", "unit-2", "unit-3", "unit-4", "unit-5", "unit-6")
HEADCOUNTS = dict(zip((*PILOTS, *OTHERS), (20, 6, 30, 12, 8, 60, 7, 25, 6, 25), strict=True))


def new_rollout() -> Rollout:
    state, _ = rollout.create(
        ROLLOUT_ID,
        "Sample rollout",
        TEMPLATE.template_id,
        TEMPLATE.version,
        unit_ids=(*PILOTS, *OTHERS),
        pilot_units=len(PILOTS),
    )
    return state


def new_journeys() -> dict[str, Journey]:
    pilots = {unit: Journey(ROLLOUT_ID, unit, wave=0) for unit in PILOTS}
    return pilots | {unit: Journey(ROLLOUT_ID, unit, wave=None) for unit in OTHERS}


def released(
    participation: int | None,
    index: int | None = None,
    kind: Literal["baseline_released", "follow_up_released"] = "baseline_released",
) -> RoundReleased:
    indices = {} if index is None else {"engagement": index, "creativity": index}
    return RoundReleased(kind, participation, indices)


def good_evidence(unit_id: str) -> gate.UnitEvidence:
    return gate.UnitEvidence(
        unit_id=unit_id,
        meetings=1,
        actions_chosen=1,
        actions_checked_back=1,
        modules_completed=frozenset(TEMPLATE.steps.modules.module_ids),
        baseline=released(75, 50),
        follow_up=released(75, 60),
    )


def units() -> list[Unit]:
    """The sample units."""
    return [
        Unit(UnitFacts(unit_id, f"Sample {unit_id}", "unit", None, people), 2)
        for unit_id, people in HEADCOUNTS.items()
    ]


async def uow_with_rollout(document: dict[str, Any] = DOCUMENT) -> FakeUnitOfWork:
    """A unit of work that holds the units, the template and a rollout whose pilot may start."""
    uow = FakeUnitOfWork()
    await uow.units.save(units())
    for unit_id in HEADCOUNTS:
        await uow.managements.keep(Management(unit_id, True, NOW, 1))
    await uow.templates.add(StoredTemplate(template_of(document), document, NOW))
    await create_rollout(
        CreateRollout(
            *(ROLLOUT_ID, "Sample rollout", TEMPLATE.template_id, None, PILOTS, None),
            ADMINISTRATOR,
        ),
        uow,
    )
    state = uow.rollouts.rows[ROLLOUT_ID]
    recorded = tuple(
        Prerequisite(kind, "RV 2026-0007", NOW.date(), ADMINISTRATOR)
        for kind in LEGAL_PREREQUISITES
    )
    uow.rollouts.rows[ROLLOUT_ID] = state.with_wave(0, prerequisites=recorded)
    return uow
