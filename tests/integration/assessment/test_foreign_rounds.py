"""What is outside a caller's units is reported, byte for byte, as what does not exist.

Round ids follow from ids that are widely known (rollout, unit, occasion), so any difference would
show everybody which units have been asked. The same holds for the answer path.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from assessment_service.domain.round import round_id
from integration.assessment.service import Service, StartService, sheet

HERE = ("office", "no-such-unit")


@pytest.fixture
async def ward(service: Service) -> dict[str, Any]:
    """What was asked for to open a round in the ward, outside the scope `HERE`."""
    body = service.opening(["ward"])
    await service.open(body)
    return body


async def ask(service: Service, method: str, path: str, role: str) -> httpx.Response:
    bodies = {"answer": {"answers": sheet(3)}, "write-off": {"reason": "Lost."}}
    body = bodies.get(path.rpartition("/")[2])
    return await service.ask(method, path, role=role, units=HERE, json=body)


def same(answers: Sequence[httpx.Response], ids: Sequence[str]) -> bool:
    """Whether the answers differ only in the ids asked for."""
    seen = {
        (answer.status_code, answer.text.replace(id_, "X"))
        for answer, id_ in zip(answers, ids, strict=True)
    }
    return len(seen) == 1


@pytest.mark.parametrize("status", ["open", "closed", "anonymised"])
@pytest.mark.parametrize(
    ("method", "action", "role"),
    [
        ("GET", "", "employee"),
        ("GET", "", "administrator"),
        ("PUT", "/answer", "employee"),
        ("POST", "/close", "administrator"),
        ("POST", "/write-off", "administrator"),
    ],
)
async def test_a_foreign_round(
    service: Service, ward: dict[str, Any], method: str, action: str, role: str, status: str
) -> None:
    computed = str(round_id(UUID(ward["rollout_id"]), "ward", "baseline"))
    if status != "open":
        await service.close(computed)
    if status == "anonymised":
        await service.work()
    unknown = str(uuid4())
    foreign = await ask(service, method, f"/rounds/{computed}{action}", role)
    missing = await ask(service, method, f"/rounds/{unknown}{action}", role)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "round-unknown")
    assert same([foreign, missing], [computed, unknown])
    assert await service.status(computed) == status


async def test_a_foreign_round_that_a_process_remembers(
    start: StartService, service: Service
) -> None:
    remembering = await start(cache_seconds=60)
    ward = (await service.open(service.opening(["ward"])))["ward"]
    assert (await remembering.answer(ward, "ward", "a", sheet(3))).status_code == 200
    foreign = await ask(remembering, "PUT", f"/rounds/{ward}/answer", "employee")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "round-unknown")


async def test_a_foreign_release(service: Service, ward: dict[str, Any]) -> None:
    unknown = str(uuid4())
    ids = (ward["release_id"], unknown)
    foreign, missing = [await ask(service, "GET", f"/releases/{i}", "manager") for i in ids]
    assert (foreign.status_code, foreign.json()["code"]) == (404, "release-unknown")
    assert same([foreign, missing], ids)
    own = await service.ask("GET", f"/releases/{ids[0]}", role="manager", units=["health"])
    assert own.status_code == 200


async def test_foreign_units_in_lists_and_results(service: Service, ward: dict[str, Any]) -> None:
    rounds = [await ask(service, "GET", f"/rounds?unit_id={u}", "manager") for u in ("ward", "x")]
    assert same(rounds, ("ward", "x"))
    path = f"/results?rollout_id={ward['rollout_id']}&unit_id="
    results = [await ask(service, "GET", path + unit, "manager") for unit in ("ward", "clinic")]
    assert same(results, ("ward", "clinic"))
    assert results[0].status_code == 403


async def test_a_foreign_round_is_not_opened_or_returned(
    service: Service, ward: dict[str, Any]
) -> None:
    answers = []
    for unit in ("ward", "clinic"):  # one has that round, the other has none
        body = {**ward, "unit_ids": ["office", unit]}
        answers.append(await service.ask("POST", "/rounds", role="service", units=HERE, json=body))
    assert (answers[0].status_code, answers[0].json()["code"]) == (403, "outside-scope")
    assert same(answers, ("ward", "clinic"))
    assert len(await service.rows("select * from rounds")) == 1
