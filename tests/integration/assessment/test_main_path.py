"""From opening to anonymity, on a real database."""

from pathlib import Path
from uuid import uuid4

from integration.assessment.service import Service, sheet


async def test_a_release_from_opening_to_anonymity(service: Service, tmp_path: Path) -> None:
    body = service.opening(["ward", "clinic", "office"])
    rounds = await service.open(body)
    assert len(list((tmp_path / "keys").glob("*.key"))) == 1

    await service.fill(rounds, {"ward": 14, "clinic": 8, "office": 4})
    profile = (await service.answer(rounds["ward"], "ward", "ward-0", sheet(5))).json()["profile"]
    assert profile[0] == {
        "behaviour": "engagement",
        "index": 100,
        "label": {"sv": "Alltid", "en": "Always"},
    }

    await service.close(rounds["ward"])
    await service.work()
    assert (await service.rows("select count(*) from released_cells"))[0][0] == 0  # not all closed
    await service.close(rounds["clinic"])
    await service.close(rounds["office"])
    await service.work()

    assert {await service.status(r) for r in rounds.values()} == {"anonymised"}
    assert list((tmp_path / "keys").glob("*.key")) == []
    assert await service.rows("select * from keyed_sheets") == []
    assert await service.disposal() == [(26, 26)]
    assert len(await service.rows("select * from key_destructions")) == 3

    cells = (await service.ask("GET", f"/releases/{body['release_id']}")).json()
    shown = {cell["unit_id"]: cell["visibility"] for cell in cells["items"]}
    assert shown == {
        "region": "hidden",  # minus health it would be the office, where four answered
        "health": "shown",
        "ward": "shown",
        "clinic": "shown",
        "office": "hidden",
    }
    ward = next(cell for cell in cells["items"] if cell["unit_id"] == "ward")
    assert ward["participation_band"] == "50-74"
    assert all(line["index"] % 5 == 0 for line in ward["behaviours"])


async def test_what_is_published_on_the_way(service: Service) -> None:
    body = service.opening(["ward", "clinic"])
    rounds = await service.open(body)
    await service.fill(rounds, {"ward": 9, "clinic": 8})
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    await service.work()

    types = [name for name, _ in await service.events()]
    assert types == [
        "assessment.instrument.published.v1",
        *["assessment.round.opened.v1"] * 2,
        *["assessment.round.closed.v1"] * 2,
        *["assessment.results.released.v1"] * 2,
        "external.results.released.v1",
        *["assessment.round.anonymised.v1"] * 2,
    ]
    events = await service.events()
    name = "assessment.results.released.v1"
    released = {event["unit_id"]: event for kind, event in events if kind == name}
    assert released["clinic"]["visibility"] == "shown"
    assert released["ward"]["participation_band"] == "0-49"
    assert released["clinic"]["participation_band"] is None  # of 12, it would mean 7 or 8
    external = next(event for kind, event in events if kind.startswith("external."))
    assert external["level"] == "region"
    assert external["visibility"] == "shown"
    assert "unit_id" not in external


async def test_a_due_round_closes_by_itself(service: Service) -> None:
    rounds = await service.open(service.opening(["ward"]))
    await service.rows("update rounds set closes_at = now()")
    late = await service.answer(rounds["ward"], "ward", "somebody", sheet(3))
    assert (late.status_code, late.json()["code"]) == (409, "round-closed")
    await service.work()
    assert await service.status(rounds["ward"]) == "anonymised"


async def test_opening_again_changes_nothing(service: Service) -> None:
    body = service.opening(["ward", "clinic"])
    first = await service.open(body)
    again = await service.open({**body, "unit_ids": ["clinic", "ward", "office"]})
    assert list(again) == ["clinic", "ward", "office"]
    assert first.items() <= again.items()
    opened = [e for name, e in await service.events() if name == "assessment.round.opened.v1"]
    assert len(opened) == 3


async def test_the_same_request_gets_the_same_answer(service: Service) -> None:
    body, key = service.opening(["ward"]), str(uuid4())
    first = await service.ask("POST", "/rounds", role="service", json=body, key=key)
    second = await service.ask("POST", "/rounds", role="service", json=body, key=key)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    other = await service.ask(
        "POST", "/rounds", role="service", json={**body, "unit_ids": ["clinic"]}, key=key
    )
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_round_keeps_the_unit_as_it_was(service: Service) -> None:
    rounds = await service.open(service.opening(["ward"]))
    await service.rows(
        "update units set name = 'Renamed', parent_id = 'region', headcount = 99, version = 2"
        " where unit_id = 'ward'"
    )
    seen = (await service.ask("GET", f"/rounds/{rounds['ward']}")).json()
    assert seen["unit_name"] == "Sample ward"
    row = (await service.rows("select unit_path, headcount from rounds"))[0]
    assert (row["unit_path"], row["headcount"]) == (["region", "health", "ward"], 20)
