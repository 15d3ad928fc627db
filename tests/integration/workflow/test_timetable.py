"""What everybody reads about a rollout, without a token."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx

from integration.workflow.programme import OTHERS, PILOTS, Programme
from workflow_service.application.ports import Transition
from workflow_service.domain.rollout.rollout import Decision
from workflow_service.domain.rollout.waves import Wave

NOW = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)


async def test_everybody_reads_the_phase_and_the_waves_and_no_unit(programme: Programme) -> None:
    transport = httpx.ASGITransport(programme.app.api())
    async with httpx.AsyncClient(transport=transport, base_url="http://workflow") as anybody:
        assert (await anybody.get("/v1/public/timetable")).json()["items"] == []
        await decided(programme)
        answer = await anybody.get("/v1/public/timetable")
        again = await anybody.get(
            "/v1/public/timetable", headers={"if-none-match": answer.headers["etag"]}
        )
    (rollout,) = answer.json()["items"]
    assert (rollout["phase"], rollout["status"]) == ("broad_introduction", "active")
    assert rollout["decision"] == {
        "outcome": "broad_introduction",
        "diary_number": "RV 2026-17",
        "decided_on": "2026-03-02",
    }
    assert [(wave["wave"], wave["unit_count"]) for wave in rollout["waves"]] == [(0, 2), (1, 3)]
    for secret in (*PILOTS, *OTHERS, "first-account", "Only inside", str(programme.rollout_id)):
        assert secret not in answer.text
    assert again.status_code == 304


async def decided(programme: Programme) -> None:
    decision = Decision(
        uuid4(),
        "broad_introduction",
        "approved",
        "RV 2026-17",
        "Only inside",
        "first-account",
        NOW,
        "second-account",
        NOW,
    )
    waves = (
        Wave(0, "completed", None, unit_count=2),
        Wave(1, "planned", NOW, unit_count=3),
    )
    async with programme.app.uow() as uow:
        state = await uow.rollouts.lock(programme.rollout_id)
        assert state
        after = replace(
            state,
            phase="broad_introduction",
            waves=waves,
            decision=decision,
            version=state.version + 1,
        )
        step = Transition(after.version, "r", "plan_waves", "first-account", NOW, None, {})
        await uow.rollouts.save(after, step)
