"""The assessment service: an open round of the unit, and a released result."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.results import Cell
from assessment_service.domain.round import Unit
from integration.access.expectations import OWN, TREE, Ask, Asks
from integration.access.service import Service
from integration.assessment.service import INSTRUMENT, sheet


def _opening(unit_id: str, rollout_id: str) -> dict[str, Any]:
    return {
        "release_id": str(uuid4()),
        "rollout_id": rollout_id,
        "occasion": "baseline",
        "instrument_id": INSTRUMENT["instrument_id"],
        "instrument_version": INSTRUMENT["version"],
        "closes_at": _in_hours(1),
        "unit_ids": [unit_id],
    }


def _in_hours(hours: int) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


async def prepare(service: Service) -> Asks:
    async with service.app.uow() as uow:
        for unit_id, parent_id in TREE.items():
            if parent_id != OWN:
                await uow.units.save(Unit(unit_id, parent_id, unit_id, 20, 1))
    await service.done("POST", "/v1/instruments", "administrator", json=INSTRUMENT)
    rollout_id = str(uuid4())
    opening = _opening(OWN, rollout_id)
    opened = await service.done("POST", "/v1/rounds", "service", json=opening)
    round_id, release_id = opened["rounds"][0]["round_id"], opened["release_id"]
    async with service.app.uow() as uow:
        # Only a unit without units below it has rounds; this one came later.
        await uow.units.save(Unit(f"{OWN}-team", OWN, "Team", 9, 1))
        release = await uow.releases.get(UUID(release_id), None)
        indexes = dict.fromkeys(BEHAVIOURS, 60)
        path = ("region", "branch-a", OWN)
        await uow.cells.add(release, [Cell(OWN, path, True, "75-89", indexes)])
    results = f"/v1/results?rollout_id={rollout_id}"
    its_cell = {f'"unit_id":"{OWN}"': "results.read"}
    its_round = {round_id: "rounds.read"}
    instrument = f"/v1/instruments/{INSTRUMENT['instrument_id']}/versions/1"
    return {
        "POST /v1/instruments": Ask("/v1/instruments", {**INSTRUMENT, "version": 2}),
        "GET /v1/instruments": Ask(
            "/v1/instruments", shows={INSTRUMENT["instrument_id"]: "instruments.read"}
        ),
        "GET /v1/instruments/{instrument_id}/versions/{version}": Ask(instrument),
        "POST /v1/rounds": Ask("/v1/rounds", _opening("unit-b1", rollout_id)),
        "GET /v1/rounds": (
            Ask("/v1/rounds", listing=True, shows=its_round),
            Ask(f"/v1/rounds?unit_id={OWN}", listing=True, shows=its_round),
        ),
        "GET /v1/rounds/{round_id}": Ask(f"/v1/rounds/{round_id}"),
        "PUT /v1/rounds/{round_id}/answer": Ask(
            f"/v1/rounds/{round_id}/answer", {"answers": sheet(3)}, this_unit_only=True
        ),
        "POST /v1/rounds/{round_id}/without-answer": Ask(
            f"/v1/rounds/{round_id}/without-answer", {"subjects": ["somebody"]}
        ),
        "POST /v1/rounds/{round_id}/close": Ask(f"/v1/rounds/{round_id}/close"),
        "POST /v1/rounds/{round_id}/extend": Ask(
            f"/v1/rounds/{round_id}/extend", {"closes_at": _in_hours(2), "reason": "Leave"}
        ),
        "POST /v1/rounds/{round_id}/write-off": Ask(
            f"/v1/rounds/{round_id}/write-off", {"reason": "Lost"}, refused_as="round-not-waiting"
        ),
        "GET /v1/releases/{release_id}": Ask(f"/v1/releases/{release_id}", shows=its_cell),
        "GET /v1/results": (
            Ask(results, listing=True, shows=its_cell),
            Ask(f"{results}&unit_id={OWN}", shows=its_cell),
        ),
        "GET /v1/rollouts/{rollout_id}/report-groups": Ask(
            f"/v1/rollouts/{rollout_id}/report-groups"
        ),
        "PUT /v1/rollouts/{rollout_id}/report-groups": Ask(
            f"/v1/rollouts/{rollout_id}/report-groups", {"groups": []}
        ),
        "GET /v1/self-test": Ask("/v1/self-test"),
        "GET /v1/custody": Ask("/v1/custody"),
        "POST /v1/releases/{release_id}/share": Ask(
            f"/v1/releases/{release_id}/share",
            {"share": base64.b64encode(bytes(32)).decode()},
            refused_as="share-not-needed",
        ),
        "GET /v1/open-problems": Ask(
            "/v1/open-problems", listing=True, shows={rollout_id: "open_problems.read"}
        ),
    }
