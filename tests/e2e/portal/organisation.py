"""Units, people and rollouts of the journeys: their own, made over the services' APIs."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from devstack import Stack
from e2e.pilot import Administrator
from support.eventually import eventually

DATA = Path(__file__).parents[3] / "demo" / "data"
MANAGER, OTHER_MANAGER = "person-0040", "person-0039"
EMPLOYEES = [f"person-{number:04}" for number in range(661, 667)]
ON_PAPER = ["person-0667", "person-0668"]
"""Employees of the unit that answers, who have no mail address."""
APPROVER, STRATEGIST = "person-0669", "person-0670"
FACILITATOR, SAFETY_REPRESENTATIVE, DEPUTY = "person-0671", "person-0672", "person-0673"
"""The deputy stands in for the other manager in the unit that waits."""
_OTHERS = (APPROVER, STRATEGIST, FACILITATOR, SAFETY_REPRESENTATIVE, DEPUTY)
_SECOND = "second-administrator"
_UNIT_COLUMNS = "unit_id,name,kind,parent_id,headcount"
_TYPE = "external.decision.published.v1"
_PERSON_COLUMNS = "person_id,name,email,language,role,unit_id"


@dataclass(frozen=True)
class Organisation:
    """Three rollouts with one pilot unit each. In the first the round `round_id` is open, the
    second one's has closed without an answer, the third has not begun. A fourth is as the second,
    with a unit that rehearses. Another system, which does not answer, has subscribed."""

    answering: str
    practising: str
    waiting: str
    rollouts: tuple[str, ...]
    round_id: str

    @property
    def key(self) -> str:
        """The id of the module, the instrument and the template that the rollouts are made of."""
        return self.answering.removesuffix("-one")

    @property
    def units(self) -> tuple[str, str, str]:
        return self.answering, self.practising, self.waiting

    @property
    def names(self) -> dict[str, str]:
        """Person id > name, of everybody who is imported."""
        return {
            one: name_of(one) for one in (MANAGER, OTHER_MANAGER, *EMPLOYEES, *ON_PAPER, *_OTHERS)
        }


def name_of(person_id: str) -> str:
    return f"Exempelperson {person_id.removeprefix('person-')}"


class Services(Administrator):
    """The services' APIs in an administrator's name, or another persona's."""

    def get(self, service: str, path: str) -> Any:
        answer = self._http.get(self._env[f"{service.upper()}_URL"] + "/v1" + path)
        return answer.raise_for_status().json()

    def put(self, service: str, path: str, body: Any) -> None:
        url = self._env[f"{service.upper()}_URL"] + "/v1" + path
        self._http.put(url, json=body).raise_for_status()

    def act(self, rollout_id: str, action: str, **body: Any) -> None:
        self.post("workflow", f"/rollouts/{rollout_id}/actions/{action}", body)

    def new_rollout(self, name: str, template_id: str, pilot: str, later: str) -> str:
        body = {"name": name, "template_id": template_id, "pilot_unit_ids": [pilot]}
        made = self.post("workflow", "/rollouts", {**body, "unit_ids": [pilot, later]})
        return str(made["rollout_id"])


async def founded(stack: Stack) -> Organisation:
    services = Services(stack)
    key = f"portal-{uuid4().hex[:6]}"
    units = tuple(f"{key}-{part}" for part in ("one", "two", "three", "four", "later"))
    answering, practising, waiting, rehearsing, later = units
    await asyncio.to_thread(_import, stack, key, units)
    pilots = {"Svarar": answering, "Övar": practising, "Väntar": waiting, "Repeterar": rehearsing}
    rollouts = tuple(
        services.new_rollout(f"{name} {key}", key, unit, later) for name, unit in pilots.items()
    )
    under_way = {answering: rollouts[0], practising: rollouts[1], rehearsing: rollouts[3]}
    for rollout_id in under_way.values():
        for kind in ("risk_assessment", "joint_consultation"):
            recorded = {"kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
            services.act(rollout_id, "record-prerequisite", wave=0, **recorded)
        services.act(rollout_id, "start-pilot")

    async def rounds() -> list[str]:
        found = [services.get("assessment", f"/rounds?unit_id={unit}") for unit in under_way]
        assert all(one["items"] for one in found), "no round is open yet"
        return [str(one["items"][0]["round_id"]) for one in found]

    to_answer, *to_close = await eventually(rounds, within=90, pause=0.3)
    for round_id in to_close:
        services.post("assessment", f"/rounds/{round_id}/close", {})

    async def practise() -> bool:
        for unit in (practising, rehearsing):
            path = f"/rollouts/{under_way[unit]}/journeys"
            journeys = {one["unit_id"]: one for one in services.get("workflow", path)["items"]}
            assert "meeting_held" in journeys[unit]["waiting_for"], journeys[unit]
        return True

    await eventually(practise, within=90, pause=0.3)
    last_day = str(datetime.now(UTC).date() + timedelta(days=30))
    leave = {"valid_to": last_day, "reason": "Sample leave"}
    stands_in = {"delegate": DEPUTY, "unit_id": waiting, **leave}
    Services(stack, f"person:{OTHER_MANAGER}").post("people", "/delegations", stands_in)
    wanted = {"url": f"http://127.0.0.1:9/{key}", "event_types": [_TYPE]}
    made = services.post("notification", "/subscriptions", wanted)
    test = f"/subscriptions/{made['subscription_id']}/test"
    services.post("notification", test, {"event_type": _TYPE})
    return Organisation(answering, practising, waiting, rollouts[:3], to_answer)


def _import(stack: Stack, key: str, units: tuple[str, ...]) -> None:
    services = Services(stack)
    titles = ("Svarande", "Övande", "Väntande", "Repeterande", "Senare")
    lines = [f"{u},{title} {key},unit,,9" for u, title in zip(units, titles, strict=True)]
    services.post("workflow", "/units/import", "\n".join([_UNIT_COLUMNS, *lines]))
    answering, practising, waiting, rehearsing, later = units
    held = [
        (MANAGER, "manager", answering),
        (MANAGER, "manager", practising),
        (MANAGER, "manager", rehearsing),
        (OTHER_MANAGER, "manager", waiting),
        (OTHER_MANAGER, "manager", later),
        *((one, "employee", answering) for one in EMPLOYEES[:4]),
        *((one, "employee", answering) for one in ON_PAPER),
        *((one, "employee", practising) for one in EMPLOYEES[4:]),
        (APPROVER, "approver", ""),
        (STRATEGIST, "strategist", ""),
        (FACILITATOR, "facilitator", practising),
        (SAFETY_REPRESENTATIVE, "safety_representative", practising),
        (DEPUTY, "employee", waiting),
    ]
    persons = [f"{p},{name_of(p)},{_mail(p)},sv,{role},{unit}" for p, role, unit in held]
    known = f"{_SECOND},Exempelperson 0002,{_SECOND}@example.se,sv,administrator,"
    services.post("people", "/persons/import", "\n".join([_PERSON_COLUMNS, known, *persons]))
    # Roles for the whole region count when somebody known has given them.
    region = [one for one in persons if one.endswith(",")]
    second = Services(stack, _SECOND)
    second.post("people", "/persons/import", "\n".join([_PERSON_COLUMNS, *region]))
    instrument = json.loads((DATA / "instrument.json").read_text(encoding="utf-8"))
    services.post("assessment", "/instruments", instrument | {"instrument_id": key, "version": 1})
    template = json.loads((DATA / "template.compressed.json").read_text(encoding="utf-8"))
    for step in ("baseline", "follow_up"):
        template["steps"][step] |= {"window": "P7D", "instrument": {"id": key, "version": 1}}
    module = json.loads((DATA / "modules" / "start-together.json").read_text(encoding="utf-8"))
    services.post("content", "/modules", module | {"module_id": key})
    services.post("content", f"/modules/{key}/publish", {})
    template["steps"]["modules"]["module_ids"] = [key]
    services.post("workflow", "/templates", template | {"template_id": key})


def _mail(person_id: str) -> str:
    return "" if person_id in ON_PAPER else f"{person_id}@example.se"
