"""Every change that somebody makes is noted once, with its effect; an answer never is."""

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from integration.assessment.service import INSTRUMENT, Service, sheet
from servicekit.settings import Database
from support.audit import Trail, noted_actions

REASON = "Many were on leave."


@pytest.fixture
def trail(database: Database) -> Trail:
    return Trail(database)


async def test_every_change_is_noted_once(service: Service, trail: Trail, tmp_path: Path) -> None:
    published = await trail.one()
    assert published == (
        "sample-person",
        "instruments.publish/publish_instrument",
        f"instrument/{INSTRUMENT['instrument_id']}",
        None,
        {"version": 1},
        "",
    )
    assert (await service.ask("POST", "/instruments", json=INSTRUMENT)).status_code == 201
    assert await trail.new() == []

    body, key = service.opening(["ward", "clinic"]), str(uuid4())
    for _ in range(2):
        opened = await service.ask("POST", "/rounds", role="service", json=body, key=key)
    rounds = {r["unit_id"]: r["round_id"] for r in opened.json()["rounds"]}
    lines = await trail.new()
    assert {line.subject for line in lines} == {f"round/{id_}" for id_ in rounds.values()}
    assert {line.after["unit_id"] for line in lines} == {"ward", "clinic"}
    assert await service.open(body) == rounds
    assert await trail.new() == []

    path, later = f"/rounds/{rounds['ward']}", datetime.now(UTC) + timedelta(days=1)
    extension = {"closes_at": later.isoformat(), "reason": REASON}
    assert (await service.ask("POST", f"{path}/extend", json=extension)).status_code == 200
    line = await trail.one()
    assert (line.action, line.reason) == ("rounds.extend/extend_round", REASON)
    assert line.before["closes_at"] < line.after["closes_at"]

    await service.fill(rounds, {"ward": 3})
    for _ in range(2):
        await service.close(rounds["ward"])
    line = await trail.one()
    assert (line.before, line.after) == ({"status": "open"}, {"status": "closed"})

    written_off: dict[str, Any] = {"json": {"reason": "The disk is lost."}}
    refused = await service.ask("POST", f"{path}/write-off", **written_off)
    assert refused.json()["code"] == "round-readable"
    assert await trail.new() == []
    for file in (tmp_path / "keys").glob("[!.]*"):
        file.unlink()
    assert (await service.ask("POST", f"{path}/write-off", **written_off)).status_code == 200
    line = await trail.one()
    assert (line.action, line.reason) == ("rounds.extend/write_off_round", "The disk is lost.")
    elsewhere = {
        "custody.hand_in/hand_in_share",  # test_custody.py
        "report_groups.join/join_units",  # test_report_groups.py
    }
    assert trail.actions == noted_actions(service.app.api()) - elsewhere


async def test_an_answer_leaves_no_line(service: Service, trail: Trail) -> None:
    rounds = await service.open(service.opening(["ward"]))
    await trail.new()
    for value in (1, 2):
        answer = await service.answer(rounds["ward"], "ward", "ward-1", sheet(value))
        assert answer.status_code == 200
    assert await trail.new() == []


async def test_what_the_worker_does_is_not_noted(service: Service, trail: Trail) -> None:
    rounds = await service.open(service.opening(["ward"]))
    await service.rows("update rounds set closes_at = now() where unit_id = 'ward'")
    await trail.new()
    while await service.status(rounds["ward"]) == "open":
        await service.work()
    assert await trail.new() == []


async def found(service: Service, **query: Any) -> dict[str, Any]:
    answer = await service.ask("GET", "/audit", role="auditor", params=query)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


async def test_an_auditor_finds_lines_by_who_what_which_and_when(service: Service) -> None:
    began = datetime.now(UTC)
    rounds = await service.open(service.opening(["ward", "clinic", "office"]))
    await service.ask("POST", f"/rounds/{rounds['ward']}/close", subject="somebody-else")
    (closed,) = (await found(service, account="somebody-else"))["items"]
    assert closed["action"] == "rounds.close/close_round"
    for query, total in [
        ({}, 5),
        ({"subject": f"round/{rounds['ward']}"}, 2),
        ({"action": "rounds.open"}, 3),
        ({"action": "rounds.open/open_rounds"}, 3),
        ({"action": "rounds"}, 0),
        ({"since": began.isoformat()}, 4),
        ({"until": began.isoformat()}, 1),
        ({"account": "somebody-else", "action": "rounds.open"}, 0),
    ]:
        assert (await found(service, **query))["total"] == total, query
    first, second = [(await found(service, page=n, limit=3))["items"] for n in (1, 2)]
    assert [line["seq"] for line in first + second] == [5, 4, 3, 2, 1]


async def test_the_lines_are_to_be_had_as_a_file(service: Service) -> None:
    await service.open(service.opening(["ward", "clinic"]))
    headers = {"authorization": f"Bearer {service.token('a', ['auditor'], ['*'])}"}
    answer = await service.client.get("/audit", headers={**headers, "accept": "text/csv"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [row["seq"] for row in rows] == ["3", "2", "1"]
    assert rows[0]["action"] == "rounds.open/open_rounds"


@pytest.mark.parametrize("path", ["/audit", "/audit/key"])
async def test_auditors_and_operators_of_the_whole_region_read_them(
    service: Service, path: str
) -> None:
    for role in ("auditor", "operator"):
        assert (await service.ask("GET", path, role=role)).status_code == 200
    for role, units in [("administrator", ["*"]), ("service", ["*"]), ("auditor", ["ward"])]:
        assert (await service.ask("GET", path, role=role, units=units)).status_code == 403, role
