"""The assessment service asks which pauses there are: with its own client, at the real API."""

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest
import uvicorn
from sqlalchemy import text

import devstack
from assessment_service.adapters.workflow import HttpWorkflow
from assessment_service.application.ports import PausesUnknownError
from assessment_service.domain.pauses import Mark
from devstack import Stack
from integration.workflow.programme import PILOTS, Programme
from servicekit.service_client import ServiceClient, TokenSource
from support.eventually import eventually


class Token:
    """A token source whose token the test chooses."""

    token_ = ""

    async def token(self) -> str:
        return self.token_

    def forget(self) -> None:
        return


@pytest.fixture
def token(servers: Stack) -> Token:
    token = Token()
    token.token_ = devstack.tokens(servers.env["ISSUER_URL"], ["service"])["service"]
    return token


@pytest.fixture
async def asking(programme: Programme, token: Token) -> AsyncIterator[HttpWorkflow]:
    """What the assessment service has of the workflow service, which listens on a real port."""
    config = uvicorn.Config(
        programme.app.api(), host="127.0.0.1", port=0, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())

    async def listening() -> bool:
        return server.started

    await eventually(listening)
    _, port = server.servers[0].sockets[0].getsockname()
    client = ServiceClient(f"http://127.0.0.1:{port}", cast(TokenSource, token))
    asking = HttpWorkflow(client)
    yield asking
    await asking.close()
    server.should_exit = True
    await serving


async def test_pauses_are_told_while_they_last_and_after(
    programme: Programme, asking: HttpWorkflow
) -> None:
    unit = {"unit_id": "pilot-a", "reason": "Moving house"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        assert await asking.pauses() == []
        await programme.act("pause_unit", **unit)
        (first,) = await asking.pauses()
        assert first == Mark(programme.rollout_id, "pilot-a", first.at, paused=True)
        await programme.act("pause", reason="Holidays")
        await programme.act("resume", reason="Back")
        await programme.act("resume_unit", **unit)
        marks = sorted(await asking.pauses(), key=lambda mark: mark.at)
    assert marks[0] == first
    reported = [(mark.unit_id, mark.paused) for mark in marks]
    assert reported == [("pilot-a", True), (None, True), (None, False), ("pilot-a", False)]


async def test_the_events_tell_nothing_more(programme: Programme, asking: HttpWorkflow) -> None:
    """Each is dated after what it reports and before what happens next; see `unheard`."""
    unit = {"unit_id": "pilot-a", "reason": "Moving house"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        for _ in range(2):
            await programme.act("pause_unit", **unit)
            await programme.act("resume_unit", **unit)
        reported = [mark.at for mark in await asking.pauses()]
    async with programme.app.uow() as uow:
        rows = await uow.connection.execute(
            text(
                "select cast(headers ->> 'ce_time' as timestamptz) from outbox"
                " where type ~ 'journey.(paused|resumed)' order by id"
            )
        )
    events = list(rows.scalars())
    in_turn = [at for pair in zip(reported, events, strict=True) for at in pair]
    assert sorted(in_turn) == in_turn


async def test_what_has_ended_has_no_pauses(programme: Programme, asking: HttpWorkflow) -> None:
    unit = {"unit_id": "pilot-a", "reason": "Dissolved"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("pause_unit", **unit)
        await programme.act("stop_unit", **unit)
        assert await asking.pauses() == []
        await programme.act("pause", reason="Holidays")
        assert [mark.unit_id for mark in await asking.pauses()] == [None]
        await programme.act("stop", reason="Not this year")
        assert await asking.pauses() == []


async def test_only_a_service_is_told(
    programme: Programme, asking: HttpWorkflow, token: Token
) -> None:
    for role in ("administrator", "auditor", "manager", "employee"):
        token.token_ = programme.tokens[role]
        with pytest.raises(PausesUnknownError, match="403 role-missing"):
            await asking.pauses()
