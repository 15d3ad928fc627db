"""The workflow service: a paused journey of the unit, and one that another service refuses."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from integration.access import people
from integration.access.expectations import OWN, TREE, Ask, Asks
from integration.access.service import Service
from integration.workflow.programme import TEMPLATE
from workflow_service.application.ports import ActionRequest
from workflow_service.domain.organisation.unit import Unit, UnitFacts

_TEAM = f"{OWN}-team"
_KINDS = {"region": "region", "branch-a": "administration", "branch-b": "administration"}
_HEADER = "unit_id,name,kind,parent_id,headcount,manager_id\n"
_NEW_UNIT = f"{_HEADER}unit-b2,Unit b2,unit,branch-b,9,\n"
_REASON = "Renovation"
_ACTIONS: dict[str, dict[str, Any]] = {
    "evaluate-gate": {},
    "extend-pilot": {"duration": "P1D", "reason": "x"},
    "override-gate": {"outcome": "pass", "reason": "x"},
    "propose-decision": {"outcome": "stop", "reasons": "x", "diary_number": "y"},
    "approve-decision": {"decision_id": str(UUID(int=1))},
    "reject-decision": {"decision_id": str(UUID(int=1)), "reason": "x"},
    "pause-unit": {"unit_id": OWN, "reason": "x"},
    "resume-unit": {"unit_id": OWN, "reason": "x"},
    "stop-unit": {"unit_id": OWN, "reason": "x"},
    "pause": {"reason": "x"},
    "resume": {"reason": "x"},
    "stop": {"reason": "x"},
    "plan-waves": {},
    "record-prerequisite": {
        "wave": 1,
        "kind": "risk_assessment",
        "reference": "RV 1",
        "recorded_on": "2026-01-03",
    },
    "start-broad-introduction": {},
    "start-pilot": {},
}


class ObedientEngine:
    """Workflows that accept every action at once: who may ask has been decided before."""

    async def start_rollout(self, rollout_id: UUID) -> None:
        pass

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        return 1


async def prepare(service: Service) -> Asks:
    service.app.engine = ObedientEngine()
    rows = "".join(
        f"{unit_id},Name of {unit_id},{_KINDS.get(unit_id, 'unit')},{parent_id or ''},"
        f"{0 if unit_id in _KINDS else 20},\n"
        for unit_id, parent_id in TREE.items()
        if unit_id != _TEAM
    )
    await service.done("POST", "/v1/units/import", "administrator", csv=_HEADER + rows)
    await service.done("POST", "/v1/templates", "administrator", json=TEMPLATE)
    new = {"name": "Sample", "template_id": "um", "pilot_unit_ids": [OWN]}
    rollouts = [
        await service.done("POST", "/v1/rollouts", "administrator", json=new) for _ in range(2)
    ]
    paused, refused = (UUID(made["rollout_id"]) for made in rollouts)
    async with service.app.uow() as uow:
        # A journey's unit has no units below it when it begins; this one came later.
        await uow.units.save([Unit(UnitFacts(_TEAM, _TEAM, "unit", OWN, 9), 1)])
        journey = (await uow.rollouts.journeys(paused))[OWN]
        await uow.rollouts.save_journeys(
            [
                replace(journey, status="paused", paused_reason=_REASON),
                replace(journey, rollout_id=refused, status="active", refused="unit-unknown"),
            ]
        )
    renaming = {
        "change": {"kind": "rename", "unit_id": OWN, "name": "Another name"},
        "effective_on": str(date.today() + timedelta(days=9)),  # noqa: DTZ011 - any later day
        "reason": "x",
    }
    planned = await service.done("POST", "/v1/unit-changes", "administrator", json=renaming)
    mapping = "/v1/import-mappings/hr"
    await service.done("PUT", mapping, "administrator", json={"columns": {"name": "Namn"}})
    one, unit = f"/v1/rollouts/{paused}", f"/v1/units/{OWN}"
    its_unit = {f"Name of {OWN}": "units.read"}
    its_journey = {f"Name of {OWN}": "journeys.read", _REASON: "journeys.explain"}
    actions = {
        f"POST /v1/rollouts/{{rollout_id}}/actions/{name}": Ask(f"{one}/actions/{name}", body)
        for name, body in _ACTIONS.items()
    }
    return {
        "GET /v1/units": Ask("/v1/units", listing=True, shows=its_unit),
        "GET /v1/units/{unit_id}": Ask(unit, shows=its_unit),
        "POST /v1/unit-changes": (
            Ask("/v1/unit-changes", renaming),
            Ask("/v1/unit-changes?dry_run=true", renaming),
        ),
        "GET /v1/unit-changes": Ask("/v1/unit-changes", shows={OWN: "units.change"}),
        "POST /v1/unit-changes/{change_id}/cancel": Ask(
            f"/v1/unit-changes/{planned['planned']['change_id']}/cancel"
        ),
        "POST /v1/units/import": (
            Ask("/v1/units/import", csv=_NEW_UNIT),
            Ask("/v1/units/import?dry_run=true", csv=_NEW_UNIT),
        ),
        "GET /v1/templates": Ask("/v1/templates"),
        "GET /v1/templates/{template_id}/versions/{version}": Ask("/v1/templates/um/versions/1"),
        "POST /v1/templates/check": Ask("/v1/templates/check", {**TEMPLATE, "version": 2}),
        "POST /v1/templates": Ask("/v1/templates", {**TEMPLATE, "version": 2}),
        "GET /v1/rollouts": Ask("/v1/rollouts"),
        "POST /v1/rollouts": Ask("/v1/rollouts", {**new, "pilot_unit_ids": ["unit-a2"]}),
        "GET /v1/rollouts/{rollout_id}": Ask(one),
        "GET /v1/rollouts/{rollout_id}/history": Ask(f"{one}/history"),
        "GET /v1/rollouts/{rollout_id}/decision": Ask(
            f"{one}/decision", refused_as="decision-not-taken"
        ),
        "GET /v1/rollouts/{rollout_id}/journeys": Ask(
            f"{one}/journeys", listing=True, shows=its_journey
        ),
        "GET /v1/rollouts/{rollout_id}/board": Ask(
            f"{one}/board", listing=True, shows={f"Name of {OWN}": "journeys.read"}
        ),
        "GET /v1/units/{unit_id}/journeys": Ask(f"{unit}/journeys"),
        "GET /v1/open-problems": Ask(
            "/v1/open-problems", listing=True, shows={OWN: "open_problems.read"}
        ),
        "GET /v1/pauses": Ask("/v1/pauses"),
        **actions,
        **people.mappings(mapping),
    }
