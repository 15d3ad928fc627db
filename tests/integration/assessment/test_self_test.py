"""The self-test, as people who answer read it: what the auditor found in everything published."""

import asyncio
import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assessment_service.domain.round import Unit
from assessment_service.entrypoints.self_test_job import FINDINGS, UNFINISHED, SelfTestJob
from assessment_service.settings import SelfTest
from integration.assessment.service import Service, StartService

TEAM = Unit("team", "health", "Sample team", 4, 1)
MEANINGS = {"groups": "fewer than 7 people", "numbers": "almost exactly", "extremes": "an end"}


async def self_test(service: Service, role: str = "employee") -> dict[str, Any]:
    found = await service.ask("GET", "/self-test", role=role, units=["ward"])
    assert found.status_code == 200, found.text
    result: dict[str, Any] = found.json()
    return result


async def release(service: Service, people: dict[str, int]) -> dict[str, Any]:
    """A rollout of its own over these units."""
    body = service.opening(people)
    rounds = await service.open(body)
    await service.fill(rounds, people)
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    return body


async def shown(service: Service, rollout: dict[str, Any]) -> set[str]:
    query = "select unit_id from released_cells where shown and rollout_id = $1"
    return {row[0] for row in await service.rows(query, rollout["rollout_id"])}


async def backlogs(service: Service) -> dict[str, int]:
    answer = (await service.ask("GET", "/operation", role="operator")).json()
    return {one["kind"]: one["count"] for one in answer["backlogs"]}


def counts(found: dict[str, Any]) -> dict[str, tuple[int, int]]:
    return {one["check"]: (one["checked"], one["findings"]) for one in found["checks"]}


async def test_everything_published_is_checked_after_each_release(service: Service) -> None:
    nothing = await self_test(service, "respondent")
    assert (nothing["outcome"], nothing["checked_at"]) == ("not_yet", None)

    await SelfTestJob(service.app).run()
    empty = await self_test(service)
    assert (empty["outcome"], empty["releases"], empty["rounds"]) == ("nothing_found", 0, 0)

    await release(service, {"ward": 9, "clinic": 8})
    assert (await self_test(service))["releases_since"] == 1
    assert (await backlogs(service))["releases_unchecked"] == 1
    await SelfTestJob(service.app).run()
    found = await self_test(service)
    assert (found["outcome"], found["releases"], found["releases_since"]) == ("nothing_found", 1, 0)
    assert (found["rounds"], found["shown_cells"]) == (2, 4)
    assert counts(found) == {"groups": (4, 0), "numbers": (2, 0), "extremes": (28, 0)}
    for one in found["checks"]:
        assert MEANINGS[one["check"]] in one["meaning"]["en"]
    assert (await backlogs(service))["releases_unchecked"] == 0

    await SelfTestJob(service.app).run()
    assert (await self_test(service))["checked_at"] == found["checked_at"], "nothing is new"
    await service.rows("update self_tests set checked_at = checked_at - interval '1 day'")
    await SelfTestJob(service.app).run()
    again = datetime.fromisoformat((await self_test(service))["checked_at"])
    assert again > datetime.fromisoformat(found["checked_at"]), "once a day"


@pytest.mark.parametrize("registered", [True, False])
async def test_a_publication_that_subtracts_is_found(service: Service, registered: bool) -> None:
    async with service.app.uow() as uow:
        await uow.units.save(TEAM)
    await release(service, {"ward": 9, "clinic": 8})
    if not registered:  # The second rollout is published as if there had been no first one.
        await service.rows("delete from publications")
    second = await release(service, {"ward": 9, "team": 4})
    assert await shown(service, second) == (set() if registered else {"health", "region"})
    await SelfTestJob(service.app).run()
    found = await self_test(service)
    if registered:
        assert (found["outcome"], FINDINGS._value.get()) == ("nothing_found", 0)
        return
    assert (found["outcome"], counts(found)["groups"][1]) == ("found", 1)
    assert "team" not in json.dumps(found), "what was found is not described"
    assert FINDINGS._value.get() == 1
    assert (await backlogs(service))["self_test_findings"] == 1


@pytest.mark.parametrize(
    "too_little",
    [
        SelfTest(deadline_seconds=0.001),
        SelfTest.model_construct(deadline_seconds=60, memory_megabytes=1),
    ],
)
async def test_a_test_that_does_not_finish_has_not_passed(
    start: StartService, too_little: SelfTest
) -> None:
    service = await start(self_test=too_little)
    await service.prepare()
    await release(service, {"ward": 9, "clinic": 8})
    await SelfTestJob(service.app).run()
    found = await self_test(service)
    assert (found["outcome"], found["releases"]) == ("not_finished", 1)
    assert not found["is_finished"]
    assert set(counts(found).values()) == {(0, 0)}
    assert UNFINISHED._value.get() == 1
    assert (await backlogs(service))["releases_unchecked"] == 1

    finishing = await start()
    await SelfTestJob(finishing.app).run()
    assert (await self_test(service))["outcome"] == "not_finished", "not tried again at once"
    await service.rows("update self_tests set checked_at = checked_at - interval '1 hour'")
    await SelfTestJob(finishing.app).run()
    assert (await self_test(service))["outcome"] == "nothing_found"


async def test_outsiders_run_the_auditor_on_what_was_published(
    service: Service, tmp_path: Path
) -> None:
    await release(service, {"ward": 9, "clinic": 8})
    file = tmp_path / "published.json"
    file.write_text(json.dumps(await service.app.published()), encoding="utf-8")
    command = [sys.executable, "-m", "auditor", str(file)]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("4 shown values of 1 releases were checked.")
