"""Who can read which results, and which cells look the same."""

from typing import Any
from uuid import uuid4

import pytest

from integration.assessment.service import Service


@pytest.fixture
async def released(service: Service) -> dict[str, Any]:
    """A release: ward and clinic shown; in the office four answered; so the region is hidden."""
    body = service.opening(["ward", "clinic", "office"])
    rounds = await service.open(body)
    await service.fill(rounds, {"ward": 9, "clinic": 8, "office": 4})
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    return body


async def read(service: Service, query: str, role: str, *units: str) -> list[dict[str, Any]]:
    found = await service.ask("GET", f"/results?{query}", role=role, units=units)
    assert found.status_code == 200, found.text
    assert found.json()["total"] == len(found.json()["items"])
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_a_scope_holds_the_unit_and_all_below_it(
    service: Service, released: dict[str, Any]
) -> None:
    query = f"rollout_id={released['rollout_id']}"
    everything = {"clinic", "health", "office", "region", "ward"}
    for role, units, seen in [
        ("administrator", ["*"], everything),
        ("manager", ["*"], everything),
        ("administrator", ["health"], {"health", "ward", "clinic"}),
        ("manager", ["health"], {"health", "ward", "clinic"}),
        ("auditor", ["ward"], {"ward"}),
        ("employee", ["ward"], {"ward"}),
        ("manager", [], set()),
    ]:
        cells = await read(service, query, role, *units)
        assert {cell["unit_id"] for cell in cells} == seen, (role, units)


async def test_hidden_empty_unknown_and_too_early_look_the_same(
    service: Service, released: dict[str, Any]
) -> None:
    answers = []
    for unit, rollout, occasion in [
        ("office", released["rollout_id"], "baseline"),  # too few
        ("region", released["rollout_id"], "baseline"),  # complement
        ("ward", released["rollout_id"], "follow_up"),  # no such round
        ("no-such-unit", released["rollout_id"], "baseline"),
    ]:
        (cell,) = await read(
            service, f"rollout_id={rollout}&unit_id={unit}&occasion={occasion}", "auditor", "*"
        )
        answers.append({k: v for k, v in cell.items() if k not in ("unit_id", "occasion")})
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["visibility"] == "hidden"
    assert answers[0]["participation_band"] is None
    assert answers[0]["release_id"] is None
    assert {b["index"] for b in answers[0]["behaviours"]} == {None}
    assert len(answers[0]["behaviours"]) == 7


async def test_an_unknown_rollout_is_not_found(service: Service) -> None:
    unknown = await service.ask("GET", f"/results?rollout_id={uuid4()}", role="auditor")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "rollout-unknown")


async def test_a_unit_has_an_answer_for_every_occasion(
    service: Service, released: dict[str, Any]
) -> None:
    cells = await read(
        service, f"rollout_id={released['rollout_id']}&unit_id=ward", "employee", "ward"
    )
    assert [(cell["occasion"], cell["visibility"]) for cell in cells] == [
        ("baseline", "shown"),
        ("follow_up", "hidden"),
        ("long_term", "hidden"),
    ]


@pytest.mark.parametrize("unit", ["clinic", "region", "no-such-unit"])
async def test_other_units_are_refused_known_or_not(
    service: Service, released: dict[str, Any], unit: str
) -> None:
    refused = await service.ask(
        "GET",
        f"/results?rollout_id={released['rollout_id']}&unit_id={unit}",
        role="manager",
        units=["ward"],
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "outside-scope")


async def test_a_release_shows_nothing_before_it_is_out(service: Service) -> None:
    body = service.opening(["ward", "clinic"])
    rounds = await service.open(body)
    await service.fill(rounds, {"ward": 9})
    await service.close(rounds["ward"])
    await service.work()
    early = (await service.ask("GET", f"/releases/{body['release_id']}")).json()
    assert (early["released"], early["items"], early["total"]) == (False, [], 0)
    unknown = await service.ask("GET", f"/releases/{uuid4()}")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "release-unknown")


async def test_lists_come_in_pages(service: Service, released: dict[str, Any]) -> None:
    path = f"/results?rollout_id={released['rollout_id']}&limit=2"
    pages = [(await service.ask("GET", f"{path}&page={n}")).json() for n in (1, 2, 3)]
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {page["total"] for page in pages} == {5}


async def test_rounds_are_listed_by_scope(service: Service, released: dict[str, Any]) -> None:
    for units, count in [(["ward"], 1), (["health"], 2), (["no-such-unit"], 0)]:
        found = (await service.ask("GET", "/rounds", role="manager", units=units)).json()
        assert found["total"] == len(found["items"]) == count
    one = (await service.ask("GET", "/rounds?unit_id=ward&status=anonymised")).json()
    assert [item["unit_id"] for item in one["items"]] == ["ward"]
    for rollout_id, count in [(released["rollout_id"], 3), (str(uuid4()), 0)]:
        found = (await service.ask("GET", f"/rounds?rollout_id={rollout_id}")).json()
        assert found["total"] == len(found["items"]) == count


async def test_a_round_explains_who_sees_what(service: Service) -> None:
    rounds = await service.open(service.opening(["ward"]))
    seen = await service.ask("GET", f"/rounds/{rounds['ward']}", role="employee", units=["ward"])
    assert set(seen.json()["who_sees_what"]) == {"sv", "en"}
    assert "at least 7 people" in seen.json()["who_sees_what"]["en"]
    assert "whoever runs the servers could" in seen.json()["who_sees_what"]["en"]
    assert len(seen.json()["instrument"]["items"]) == 28
