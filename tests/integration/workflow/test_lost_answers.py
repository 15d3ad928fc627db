"""Nobody answers, or the answer is lost: the same request, sent again, gets it."""

import asyncio
from typing import Any
from uuid import UUID

from integration.workflow.programme import Programme
from support.eventually import eventually
from workflow_service.application.ports import ActionRequest, EngineUnavailable
from workflow_service.domain.errors import DomainError
from workflow_service.temporal.engine import TemporalEngine


async def test_nobody_decides_without_a_worker_but_everybody_gets_an_answer(
    programme: Programme,
) -> None:
    impatient = programme.another(deadline_seconds=1)
    async with asyncio.timeout(10):
        answer = await impatient.ask("start_pilot", key="k")
    await impatient.close()
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (503, "engine-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert "same Idempotency-Key" in problem["detail"]

    async with programme.worker():
        again = await programme.ask("start_pilot", key="k")
    assert (again.status_code, again.json()["version"]) == (200, 2)


async def test_what_temporal_refuses_for_the_operators_fault_is_not_told_as_a_failure(
    programme: Programme,
) -> None:
    """A namespace that is not there, as after a wrong setting or with an expired certificate."""
    misled = programme.another(namespace="nowhere")
    assert (await misled.create()).status_code == 201
    answer = await misled.ask("start_pilot", key="k")
    await misled.close()
    assert (answer.status_code, answer.json()["code"]) == (503, "engine-unavailable")


class LosesAnswers:
    """An engine that carries everything out, and whose answers never arrive."""

    def __init__(self, engine: TemporalEngine) -> None:
        self._engine = engine

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        await self._engine.perform(rollout_id, request)
        raise EngineUnavailable("the answer was lost")


async def lose_answer(programme: Programme, action: str, **body: Any) -> None:
    """Another process of the service asks for the action with the key `k`."""
    lossy = programme.another()
    lossy.app.engine = LosesAnswers(lossy.app.engine)  # type: ignore[assignment]
    lost = await lossy.ask(action, key="k", **body)
    await lossy.close()
    assert lost.status_code == 503

    async def done() -> bool:
        return bool((await programme.rollout())["version"] == 2)

    await eventually(done)


async def test_a_lost_answer_is_told_when_the_request_comes_again(programme: Programme) -> None:
    async with programme.worker():
        await lose_answer(programme, "stop", reason="x")
        again = await programme.ask("stop", key="k", reason="x")
        assert (again.status_code, again.json()["version"]) == (200, 2)
        assert (await programme.ask("stop", key="k", reason="x")).content == again.content
        other = await programme.ask("stop", key="other", reason="x")
    assert (other.status_code, other.json()["code"]) == (409, "rollout-ended")


async def test_a_lost_answer_is_told_although_a_new_run_would_refuse_it(
    programme: Programme,
) -> None:
    async with programme.worker():
        await lose_answer(programme, "start_pilot")
        (handle,) = await programme.handles()
        await handle.terminate("lost")
        await programme.act("pause", reason="x")  # In the new run, whose state is then known.
        again = await programme.ask("start_pilot", key="k")
    assert (again.status_code, again.json()["version"]) == (200, 3)


async def test_temporal_away_is_an_answer_and_no_hang(programme: Programme) -> None:
    lonely = programme.another(address="127.0.0.1:9")
    try:
        async with asyncio.timeout(25):
            answer = await lonely.ask("start_pilot")
            created = await lonely.create()
        assert (answer.status_code, answer.json()["code"]) == (503, "engine-unavailable")
        assert created.status_code == 201
        assert (await lonely.rollout())["version"] == 1
    finally:
        await lonely.close()

    async with programme.worker():
        await programme.app.restart_workflows()
        programme.rollout_id = UUID(created.json()["rollout_id"])
        await programme.let_the_pilot_start()
        started = await programme.act("start_pilot")
        assert started["phase"] == "pilot"


class LateRefusal(LosesAnswers):
    """An earlier attempt was carried out just now, and left nothing for this one to do."""

    async def perform(self, rollout_id: UUID, request: ActionRequest) -> int:
        await self._engine.perform(rollout_id, request)
        raise DomainError("rollout-paused", "conflict", "The rollout is paused.")


async def test_a_request_is_not_refused_for_what_it_did_itself(programme: Programme) -> None:
    programme.app.engine = LateRefusal(programme.app.engine)  # type: ignore[assignment]
    async with programme.worker():
        answer = await programme.ask("pause", reason="x")
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
