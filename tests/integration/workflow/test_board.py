"""All units of a rollout in one answer; one filter for the board, the list and the file."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from integration.workflow.programme import Programme
from integration.workflow.test_scope import signed_in
from support.tokens import held
from workflow_service.application.ports import Transition
from workflow_service.domain.journey.journey import Journey
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.rollout.rollout import Rollout
from workflow_service.entrypoints.http.boards import BoardBody

FILTERS = {
    "": 5,
    "?wave=0": 2,
    "?wave=1": 0,
    "?branch=region": 5,
    "?branch=unit-a": 1,
    "?branch=unknown": 0,
    "?step=preparation&status=waiting": 5,
    "?step=modules": 0,
    "?text=PILOT": 2,
    "?text=sample%20unit-b": 1,
    "?text=%25": 0,
}


@pytest.mark.parametrize(("query", "total"), FILTERS.items())
async def test_one_filter_for_board_list_and_file(
    programme: Programme, query: str, total: int
) -> None:
    path = f"/rollouts/{programme.rollout_id}"
    board = (await programme.call("administrator", "GET", f"{path}/board{query}")).json()
    listed = (await programme.call("administrator", "GET", f"{path}/journeys{query}")).json()
    file = await programme.call(
        "administrator", "GET", f"{path}/journeys{query}", headers={"accept": "text/csv"}
    )
    assert BoardBody.model_validate(board).model_dump(mode="json") == board
    ids = [unit["unit_id"] for unit in board["units"]]
    assert len(ids) == total
    assert [journey["unit_id"] for journey in listed["items"]] == ids
    assert [line.split(";")[0] for line in file.text.splitlines()[1:]] == ids
    assert sum(board["counts"].values()) == total
    assert {one["unit_id"] for one in board["branches"]} == {
        *("pilot-a", "pilot-b", "unit-a", "unit-b", "unit-c")
    }


@pytest.mark.parametrize("query", ["text=%00", "text=%20", "branch=A", "step=x", "wave=-1"])
async def test_a_filter_that_is_none(programme: Programme, query: str) -> None:
    for part in ("board", "journeys"):
        path = f"/rollouts/{programme.rollout_id}/{part}?{query}"
        assert (await programme.call("administrator", "GET", path)).status_code == 422


async def test_a_unit_knows_its_rollouts(programme: Programme) -> None:
    answer = await programme.call("administrator", "GET", "/units/unit-a/journeys")
    [journey] = answer.json()["journeys"]
    assert journey["rollout_id"] == str(programme.rollout_id)
    assert (journey["step"], journey["status"]) == ("preparation", "waiting")
    assert journey["minutes_of_manager"]["so_far"] == 0
    assert (journey["prerequisites"], journey["missing"]) == ([], []), "no wave is planned"


async def test_a_unit_knows_the_legal_prerequisites_of_its_wave(programme: Programme) -> None:
    """Whoever may see the unit: a safety representative takes part in them."""
    representative = held(["safety_representative"], ["pilot-a"])
    async with signed_in(programme, representative) as client:
        [journey] = (await client.get("/units/pilot-a/journeys")).json()["journeys"]
    kinds = [one["kind"] for one in journey["prerequisites"]]
    assert (kinds, journey["missing"]) == (["risk_assessment", "joint_consultation"], [])
    assert {name for one in journey["prerequisites"] for name in one} == {
        *("kind", "reference", "recorded_on")
    }, "not by whom"


async def test_two_thousand_units_are_one_question(programme: Programme) -> None:
    """Slow only if the questions to the database grow with the units."""
    async with programme.app.uow() as uow:
        known = await uow.rollouts.get(programme.rollout_id)
        assert known is not None
        units = [Unit(UnitFacts(f"u{n:04}", f"U {n}", "unit", "region", 9), 1) for n in range(2000)]
        await uow.units.lock_tree()
        await uow.units.save(units)
        rollout_id = uuid4()
        created = Transition(1, "create", "create", "x", datetime.now(UTC), None, {})
        journeys = [Journey(rollout_id, unit.unit_id, n % 40) for n, unit in enumerate(units)]
        await uow.rollouts.add(_renamed(known, rollout_id), journeys, created)
    began = time.perf_counter()
    answer = await programme.call("administrator", "GET", f"/rollouts/{rollout_id}/board")
    assert len(answer.json()["units"]) == 2000
    assert time.perf_counter() - began < 10


def _renamed(state: Rollout, rollout_id: UUID) -> Rollout:
    return replace(state, rollout_id=rollout_id)
