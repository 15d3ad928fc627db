"""What assessment and content refuse: shown on the journey, asked again, no other held back."""

import logging

import pytest

from integration.workflow.programme import PILOTS, Programme
from support.eventually import eventually


async def test_a_peer_that_refuses_is_shown_and_asked_again(programme: Programme) -> None:
    programme.peers.refusing = "instrument-unknown"
    async with programme.worker():
        await programme.act("start_pilot")

        async def shown() -> bool:
            journeys = await programme.journeys(query="?wave=0")
            waiting = [journey["waiting_for"] for journey in journeys.values()]
            return all("instrument-unknown" in each for each in waiting)

        await eventually(shown)
        operation = (await programme.call("administrator", "GET", "/operation")).json()
        waiting = {one["kind"]: one["count"] for one in operation["backlogs"]}
        assert (waiting["stuck_journeys"], waiting["waiting_waves"]) == (len(PILOTS), 0)
        programme.peers.refusing = None

        async def asked() -> bool:
            return [command.unit_ids for command in programme.peers.rounds] == [PILOTS]

        await eventually(asked)


async def test_a_refusal_is_logged_when_it_is_new(
    programme: Programme, caplog: pytest.LogCaptureFixture
) -> None:
    peers = programme.peers
    peers.refusing = "instrument-unknown"

    async def refused_again() -> None:
        whole_turn = peers.refusals + 3  # Both units at once, then each.
        await programme.app.engine.nudge_wave(programme.rollout_id, 0)

        async def refused() -> bool:
            return peers.refusals >= whole_turn

        await eventually(refused)

    with caplog.at_level(logging.WARNING, "temporalio.workflow"):
        async with programme.worker():
            await programme.act("start_pilot")
            for _ in range(3):
                await refused_again()
            peers.refusing = "instrument-retired"
            for _ in range(2):
                await refused_again()
    lines = [each.getMessage() for each in caplog.records if "not accepted" in each.getMessage()]
    assert [line.partition(" ({")[0].rpartition(": ")[2] for line in lines] == [
        "instrument-unknown",
        "instrument-retired",
    ]


async def test_a_unit_that_a_peer_refuses_holds_back_no_other(programme: Programme) -> None:
    programme.peers.refused_units = {"pilot-b"}
    async with programme.worker():
        await programme.act("start_pilot")
        await programme.reach(["pilot-a"], "baseline")

        async def shown() -> bool:
            journey = (await programme.journeys())["pilot-b"]
            detail = "pilot-b is not known here."
            return bool(journey["refusal"] == {"code": "unit-unknown", "detail": detail})

        await eventually(shown)
        programme.peers.refused_units = set()

        async def asked() -> bool:
            rounds = [command.unit_ids for command in programme.peers.rounds]
            return rounds == [("pilot-a",), ("pilot-b",)]

        await eventually(asked)
        await programme.reach(PILOTS, "baseline")
    assert len({command.release_id for command in programme.peers.rounds}) == 1
    assert (await programme.journeys())["pilot-b"]["refusal"] is None
