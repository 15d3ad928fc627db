"""Where a trace leads: an action's through its Update to the command it causes, and a piece of
evidence's to the unit's next step."""

from uuid import uuid4

from sqlalchemy import text

from integration.workflow.programme import PILOTS, Programme
from servicekit import telemetry
from support.eventually import eventually
from workflow_service.application.ports import ActionRequest
from workflow_service.domain.journey.evidence import ActionChosen, MeetingHeld
from workflow_service.domain.rollout import commands as c

ACTION, RESULTS, MEETING = "a" * 32, "b" * 32, "d" * 32


def of(trace_id: str) -> str:
    return f"00-{trace_id}-{'c' * 16}-01"


async def traces_in_outbox(programme: Programme) -> dict[tuple[str, str], str]:
    async with programme.app.uow() as uow:
        rows = await uow.connection.execute(
            text(
                "select type, convert_from(payload, 'utf8')::json ->> 'step' as step,"
                " headers ->> 'traceparent' as traceparent from outbox"
                " where headers ? 'traceparent'"
            )
        )
        return {(row.type, row.step or ""): row.traceparent for row in rows}


async def test_traces_go_on_through_temporal(programme: Programme) -> None:
    peers = programme.peers
    async with programme.worker():
        request = ActionRequest(c.StartPilot(), "administrator", str(uuid4()))
        with telemetry.span("request", traceparent=of(ACTION)):
            await programme.app.engine.perform(programme.rollout_id, request)
        await programme.reach(PILOTS, "baseline")
        assert ACTION in (peers.traces["baseline"] or "")

        await programme.release(PILOTS, "baseline", traceparent=of(RESULTS))
        await programme.reach(PILOTS, "modules")
        assert RESULTS in (peers.traces["modules"] or "")
        await programme.report(PILOTS, ActionChosen())
        await programme.report(PILOTS, MeetingHeld(), of(MEETING))
        await programme.reach(PILOTS, "follow_up")

        async def asked() -> bool:
            return MEETING in (peers.traces.get("follow_up") or "")

        await eventually(asked)

    traces = await traces_in_outbox(programme)
    step = "workflow.journey.step_started.v1"
    assert ACTION in traces["workflow.rollout.pilot_started.v1", ""]
    assert ACTION in traces[step, "preparation"]
    assert RESULTS in traces[step, "modules"]
    assert MEETING in traces[step, "follow_up"]
