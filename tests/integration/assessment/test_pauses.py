"""While a unit or its rollout is paused, its rounds are held open; afterwards they close later."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from assessment_service.entrypoints.events import CONSUMER_GROUPS
from contracts import Event
from contracts.workflow import (
    JourneyPaused,
    JourneyResumed,
    JourneyStopped,
    RolloutPaused,
    RolloutResumed,
)
from integration.assessment.service import Service, sheet
from servicekit.consumer_group import EventMeta

EXTENDED = "assessment.round.extended.v1"


async def happened(service: Service, event: Event, at: datetime) -> None:
    """The event arrives; it happened at a time of its own."""
    for group in CONSUMER_GROUPS:
        if handler := group.handlers.get(type(event)):
            async with service.app.uow() as uow:
                await handler(event, uow, EventMeta(uuid4(), event.TYPE, at, None))


async def closes_at(service: Service, round_id: str) -> datetime:
    seen = (await service.ask("GET", f"/rounds/{round_id}")).json()
    return datetime.fromisoformat(seen["closes_at"])


async def make_overdue(service: Service) -> None:
    """Move all rounds, with what was recorded of them, a day into the past."""
    await service.rows(
        "update rounds set opens_at = opens_at - interval '1 day',"
        " closes_at = closes_at - interval '1 day',"
        " held_since = held_since - interval '1 day'"
    )
    await service.rows("update pauses set at = at - interval '1 day'")


@pytest.fixture
async def body(service: Service) -> dict[str, Any]:
    return service.opening(["ward", "clinic"])


async def test_a_held_round_accepts_answers_past_its_closing_time(
    service: Service, body: dict[str, Any]
) -> None:
    rounds, rollout = await service.open(body), body["rollout_id"]
    await happened(service, JourneyPaused(rollout_id=rollout, unit_id="ward"), datetime.now(UTC))
    await make_overdue(service)
    await service.work()
    assert await service.status(rounds["ward"]) == "open"
    assert await service.status(rounds["clinic"]) == "closed"
    done = await service.answer(rounds["ward"], "ward", "somebody", sheet(3))
    assert done.status_code == 200
    listed = (await service.ask("GET", "/rounds?unit_id=ward")).json()["items"][0]
    assert listed["held_since"] is not None

    resumed = JourneyResumed(rollout_id=rollout, unit_id="ward")
    before = await closes_at(service, rounds["ward"])
    await happened(service, resumed, datetime.now(UTC))
    moved = await closes_at(service, rounds["ward"]) - before
    assert timedelta(hours=23) < moved < timedelta(hours=25)
    seen = (await service.ask("GET", f"/rounds/{rounds['ward']}")).json()
    assert seen["held_since"] is None
    published = [event for kind, event in await service.events() if kind == EXTENDED]
    assert [event["round_id"] for event in published] == [rounds["ward"]]
    assert datetime.fromisoformat(published[0]["closes_at"]) == before + moved


async def test_a_round_is_held_as_long_as_any_reason_lasts_and_overlaps_count_once(
    service: Service, body: dict[str, Any]
) -> None:
    rounds, rollout = await service.open(body), body["rollout_id"]
    before = {unit: await closes_at(service, rounds[unit]) for unit in rounds}
    start = datetime.now(UTC) + timedelta(minutes=1)
    unit = {"rollout_id": rollout, "unit_id": "ward"}
    minute = timedelta(minutes=1)
    events = [
        (RolloutPaused(rollout_id=rollout), start + 2 * minute),
        (RolloutResumed(rollout_id=rollout), start + 5 * minute),
        (JourneyPaused(**unit), start),
        (JourneyResumed(**unit), start + 3 * minute),
    ]
    for event, at in [*events, *events]:  # late and repeated
        await happened(service, event, at)
    assert await closes_at(service, rounds["ward"]) == before["ward"] + 5 * minute
    assert await closes_at(service, rounds["clinic"]) == before["clinic"] + 3 * minute


async def test_a_round_that_opens_while_paused_is_held(
    service: Service, body: dict[str, Any]
) -> None:
    rollout = body["rollout_id"]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    await happened(service, RolloutPaused(rollout_id=rollout), yesterday)
    rounds = await service.open(body)
    rows = await service.rows("select opens_at, held_since from rounds")
    assert [row["held_since"] for row in rows] == [row["opens_at"] for row in rows]
    before = await closes_at(service, rounds["ward"])
    later = rows[0]["opens_at"] + timedelta(minutes=7)
    await happened(service, RolloutResumed(rollout_id=rollout), later)
    assert await closes_at(service, rounds["ward"]) == before + timedelta(minutes=7)


async def test_a_pause_that_arrives_while_rounds_open_finds_them(
    service: Service, body: dict[str, Any]
) -> None:
    rollout = body["rollout_id"]
    paused = RolloutPaused(rollout_id=rollout)
    blocker = await asyncpg.connect(service.dsn)
    try:
        blocking = blocker.transaction()
        await blocking.start()
        await blocker.execute("lock table rounds in share mode")  # stops the opening's insert
        opening = asyncio.create_task(service.open(body))
        await service.are_waiting(1)
        pausing = asyncio.create_task(happened(service, paused, datetime.now(UTC)))
        await service.are_waiting(2)
        await blocking.rollback()
    finally:
        await blocker.close()
    await asyncio.gather(opening, pausing)
    assert len(await service.rows("select * from rounds where held_since is not null")) == 2


async def test_a_pause_that_the_closing_job_did_not_see_is_seen_under_the_lock(
    service: Service, body: dict[str, Any]
) -> None:
    rounds = await service.open(body)
    await service.rows("update rounds set closes_at = now()")
    blocker = await asyncpg.connect(service.dsn)
    try:
        blocking = blocker.transaction()
        await blocking.start()
        await blocker.execute("update rounds set held_since = opens_at where unit_id = 'ward'")
        working = asyncio.create_task(service.work())
        await service.are_waiting(1)
        await blocking.commit()
    finally:
        await blocker.close()
    await working
    assert await service.status(rounds["ward"]) == "open"


async def test_a_held_round_can_be_closed_early_and_a_stopped_unit_is_paused_no_more(
    service: Service, body: dict[str, Any]
) -> None:
    rounds, rollout = await service.open(body), body["rollout_id"]
    unit = {"rollout_id": rollout, "unit_id": "ward"}
    now = datetime.now(UTC)
    await happened(service, JourneyPaused(**unit), now)
    await service.close(rounds["ward"])
    listed = (await service.ask("GET", "/rounds?unit_id=ward")).json()["items"][0]
    assert listed["status"] == "closed"
    assert listed["closed_at"] < listed["closes_at"]
    await happened(service, JourneyStopped(**unit), now + timedelta(minutes=1))
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    later = {**body, "occasion": "follow_up", "release_id": str(uuid4()), "unit_ids": ["ward"]}
    await service.open(later)
    assert await service.rows("select 1 from rounds where held_since is not null") == []


async def test_an_administrator_extends_an_open_round(
    service: Service, body: dict[str, Any]
) -> None:
    rounds = await service.open(body)
    path = f"/rounds/{rounds['ward']}/extend"
    new = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0)
    request = {"closes_at": new.isoformat(), "reason": "Many were on leave."}
    done = await service.ask("POST", path, json=request)
    assert done.status_code == 200, done.text
    assert done.json()["extension_reason"] == "Many were on leave."
    listed = (await service.ask("GET", "/rounds?unit_id=ward")).json()["items"][0]
    assert datetime.fromisoformat(listed["closes_at"]) == new
    assert [kind for kind, _ in await service.events()].count(EXTENDED) == 1

    for wrong, code in [
        ({"closes_at": "2020-01-01T00:00:00Z"}, "closing-time-past"),
        ({"closes_at": "2099-01-01T00:00:00Z"}, "window-too-long"),
        ({"closes_at": "2099-01-01T00:00:00"}, "invalid-request"),
        ({"reason": " \u00a0 "}, "invalid-request"),
        ({"reason": "a\u200bb"}, "invalid-request"),
    ]:
        refused = await service.ask("POST", path, json={**request, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, code), wrong
    for role in ("manager", "employee", "service", "auditor"):
        refused = await service.ask("POST", path, role=role, json=request)
        assert (refused.status_code, refused.json()["code"]) == (403, "role-missing")
    foreign = await service.ask("POST", path, units=["office"], json=request)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "round-unknown")
    await service.close(rounds["ward"])
    refused = await service.ask("POST", path, json=request)
    assert (refused.status_code, refused.json()["code"]) == (409, "round-closed")


async def test_what_a_pause_has_moved_at_opening_is_stored(
    service: Service, body: dict[str, Any]
) -> None:
    (round_id, *_) = (await service.open(body)).values()
    async with service.app.uow() as uow:
        (opened,) = await uow.rounds.find([UUID(round_id)])
        other = replace(opened, round_id=uuid4(), moved_by=timedelta(hours=2))
        other = replace(other, unit=replace(opened.unit, unit_id="other"))
        assert await uow.rounds.add(other)
        assert await uow.rounds.find([other.round_id]) == [other]
