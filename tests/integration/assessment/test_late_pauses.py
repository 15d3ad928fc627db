"""A round falls due while the event of a pause is late: the workflow service is asked first."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from assessment_service.domain.pauses import Mark
from assessment_service.entrypoints.jobs import WAITING_ROUNDS, ReleaseJob
from contracts.workflow import JourneyPaused, JourneyResumed, RolloutPaused
from integration.assessment.service import Service, sheet
from integration.assessment.test_pauses import EXTENDED, closes_at, happened

HOUR = timedelta(hours=1)


@pytest.fixture
async def body(service: Service) -> dict[str, Any]:
    return service.opening(["ward", "clinic"])


@pytest.fixture
async def rounds(service: Service, body: dict[str, Any]) -> dict[str, str]:
    """Two rounds that were open for a day, until a minute ago."""
    rounds = await service.open(body)
    await service.rows(
        "update rounds set opens_at = now() - interval '1 day',"
        " closes_at = now() - interval '1 minute'"
    )
    return rounds


def ago(hours: float) -> datetime:
    return datetime.now(UTC) - hours * HOUR


def waiting() -> float:
    (metric,) = WAITING_ROUNDS.collect()
    return metric.samples[0].value


async def test_a_round_of_a_paused_unit_is_held_as_if_the_event_had_come(
    service: Service, body: dict[str, Any], rounds: dict[str, str]
) -> None:
    rollout, start = body["rollout_id"], ago(2)
    service.workflow.marks = [Mark(UUID(rollout), "ward", start, paused=True)]
    before = await closes_at(service, rounds["ward"])
    await service.work()
    assert await service.status(rounds["ward"]) == "open"
    assert await service.status(rounds["clinic"]) == "closed"
    assert service.workflow.asked == 1
    seen = (await service.ask("GET", f"/rounds/{rounds['ward']}")).json()
    assert datetime.fromisoformat(seen["held_since"]) == start
    done = await service.answer(rounds["ward"], "ward", "somebody", sheet(3))
    assert done.status_code == 200, done.text

    unit = {"rollout_id": rollout, "unit_id": "ward"}
    moment = timedelta(milliseconds=2)
    await happened(service, JourneyPaused(**unit), start + moment)
    await happened(service, JourneyResumed(**unit), start + 5 * HOUR)
    assert await closes_at(service, rounds["ward"]) == before + 5 * HOUR
    published = [event for kind, event in await service.events() if kind == EXTENDED]
    assert [event["round_id"] for event in published] == [rounds["ward"]]


async def test_a_pause_that_is_over_has_moved_the_closing_time(
    service: Service, body: dict[str, Any], rounds: dict[str, str]
) -> None:
    rollout = UUID(body["rollout_id"])
    start, end = ago(9), ago(4)
    service.workflow.marks = [
        Mark(rollout, None, start, paused=True),
        Mark(rollout, None, end, paused=False),
    ]
    before = await closes_at(service, rounds["ward"])
    for _ in range(2):
        await service.work()
    assert await service.status(rounds["ward"]) == "open"
    assert await closes_at(service, rounds["ward"]) == before + (end - start)
    assert [kind for kind, _ in await service.events()].count(EXTENDED) == 2
    assert service.workflow.asked == 1, "they are due no more"


async def test_what_events_have_told_already_moves_nothing_again(
    service: Service, body: dict[str, Any], rounds: dict[str, str]
) -> None:
    rollout, start = UUID(body["rollout_id"]), ago(30)
    moment = timedelta(milliseconds=2)
    unit = {"rollout_id": body["rollout_id"], "unit_id": "ward"}
    await happened(service, JourneyPaused(**unit), start + moment)
    await happened(service, JourneyResumed(**unit), start + HOUR + moment)
    service.workflow.marks = [
        Mark(rollout, "ward", start, paused=True),
        Mark(rollout, "ward", start + HOUR, paused=False),
    ]
    await service.work()
    assert await service.status(rounds["ward"]) == "anonymised"
    assert EXTENDED not in [kind for kind, _ in await service.events()]
    assert len(await service.rows("select 1 from pauses")) == 2


async def test_a_pause_after_the_closing_time_and_one_elsewhere_hold_nothing(
    service: Service, body: dict[str, Any], rounds: dict[str, str]
) -> None:
    elsewhere = UUID(service.opening(["ward"])["rollout_id"])
    service.workflow.marks = [
        Mark(UUID(body["rollout_id"]), None, ago(0), paused=True),
        Mark(elsewhere, None, ago(9), paused=True),
    ]
    await service.work()
    assert {await service.status(round_id) for round_id in rounds.values()} == {"anonymised"}


async def test_without_an_answer_rounds_stay_open_and_are_counted_and_logged_once(
    service: Service, rounds: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    service.workflow.away = True
    job = ReleaseJob(service.app)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await job.run()
    assert {await service.status(round_id) for round_id in rounds.values()} == {"open"}
    assert waiting() == 2
    assert [r.getMessage() for r in caplog.records] == [
        "rounds past their closing time wait for the workflow service: away"
    ]
    late = await service.answer(rounds["ward"], "ward", "somebody", sheet(3))
    assert (late.status_code, late.json()["code"]) == (409, "round-closed")

    service.workflow.away = False
    await job.run()
    assert {await service.status(round_id) for round_id in rounds.values()} == {"anonymised"}
    assert waiting() == 0
    await job.run()
    assert service.workflow.asked == 4, "nothing is due"


async def test_what_a_person_closes_or_an_event_holds_asks_nobody(
    service: Service, body: dict[str, Any], rounds: dict[str, str]
) -> None:
    service.workflow.away = True
    await happened(service, RolloutPaused(rollout_id=body["rollout_id"]), ago(2))
    await service.work()
    await service.close(rounds["ward"])
    assert await service.status(rounds["ward"]) == "closed"
    assert service.workflow.asked == 0
    assert waiting() == 0


async def test_other_releases_go_on_while_a_round_waits(
    service: Service, rounds: dict[str, str]
) -> None:
    other = service.opening(["office"])
    (office,) = (await service.open(other)).values()
    await service.close(office)
    service.workflow.away = True
    await service.work()
    assert await service.status(office) == "anonymised"
    assert await service.status(rounds["ward"]) == "open"
