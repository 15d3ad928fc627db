"""A small rollout up to its pilot, by an administrator's requests."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from devstack import Stack
from support.stack import signed_in

DATA = Path(__file__).parents[2] / "demo" / "data"


class Administrator:
    """Requests with an administrator's token, or another persona's."""

    def __init__(self, stack: Stack, persona: str = "administrator") -> None:
        self._env = stack.env
        self._http = httpx.Client(headers=signed_in(stack, persona), timeout=30)

    def post(self, service: str, path: str, body: Any, **headers: str) -> dict[str, Any]:
        url = self._env[f"{service.upper()}_URL"] + "/v1" + path
        content = {"content": body} if isinstance(body, str) else {"json": body}
        if isinstance(body, str):
            headers["content-type"] = "text/csv"
        answer = self._http.post(
            url, headers={"idempotency-key": str(uuid4()), **headers}, **content
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def prepare(administrator: Administrator, unit: str, window: str = "") -> dict[str, Any]:
    """A pilot unit with two people, and all that a rollout needs; returns the rollout's request.

    `window`: how long its rounds are open (ISO 8601), by default two minutes.
    """
    columns = "unit_id,name,kind,parent_id,headcount"
    units = [f"{unit},Spår,unit,,9", f"{unit}-later,Senare,unit,,9"]
    administrator.post("workflow", "/units/import", "\n".join([columns, *units]))
    columns = "person_id,name,email,language,role,unit_id"
    people = [
        f"{unit}-1,Exempelperson 0001,{unit}-1@example.se,sv,employee,{unit}",
        *(
            f"{unit}-chef,Exempelperson 0002,{unit}-chef@example.se,sv,manager,{managed}"
            for managed in (unit, f"{unit}-later")
        ),
    ]
    administrator.post("people", "/persons/import", "\n".join([columns, *people]))
    instrument = json.loads((DATA / "instrument.json").read_text()) | {"instrument_id": unit}
    administrator.post("assessment", "/instruments", instrument | {"version": 1})
    template = json.loads((DATA / "template.compressed.json").read_text()) | {"template_id": unit}
    for step in ("baseline", "follow_up"):
        template["steps"][step]["instrument"] = {"id": unit, "version": 1}
        template["steps"][step]["window"] = window or template["steps"][step]["window"]
    administrator.post("workflow", "/templates", template)
    return {
        "name": "Trace",
        "template_id": unit,
        "pilot_unit_ids": [unit],
        "unit_ids": [unit, f"{unit}-later"],
    }


def begin(administrator: Administrator, unit: str, **headers: str) -> str:
    """Prepare a rollout and start its pilot: a round opens, and its people are invited.

    Returns the rollout's id. It stays open: no module is published that would follow it.
    """
    return start(administrator, prepare(administrator, unit, "P14D"), **headers)


def start(administrator: Administrator, asked: dict[str, Any], **headers: str) -> str:
    """Start the pilot of what was prepared; returns the rollout's id."""
    rollout = administrator.post("workflow", "/rollouts", asked, **headers)
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {}, **headers)
    return str(rollout["rollout_id"])
