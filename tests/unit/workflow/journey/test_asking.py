"""Other services are asked only for units that still want it, and one that is refused holds back no
other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.rollout.samples import ADMINISTRATOR, PILOTS, ROLLOUT_ID, uow_with_rollout
from workflow_service.application.journey.asking import ask, store_acceptance
from workflow_service.application.journey.handlers import read_wave, record_moves
from workflow_service.application.ports import (
    ActionRequest,
    JourneyFilter,
    PeerRefused,
    PeerUnavailable,
)
from workflow_service.application.rollout.commands import PerformAction
from workflow_service.application.rollout.handlers import perform
from workflow_service.domain.errors import DomainError
from workflow_service.domain.journey.journey import Journey, JourneyStuck
from workflow_service.domain.journey.turn import (
    AssignModules,
    OpenRounds,
    PeerRequest,
    plan_moves,
    plan_requests,
)
from workflow_service.domain.rollout import commands as c


@dataclass
class FakePeers:
    """Remembers for which units it took a command; refuses units, or is away for them."""

    taken: list[tuple[str, ...]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    away_for: str | None = None

    async def open_rounds(self, request: OpenRounds, cause: str | None) -> None:
        self._take(request)

    async def assign_modules(self, request: AssignModules, cause: str | None) -> None:
        self._take(request)

    def _take(self, request: PeerRequest) -> None:
        for unit_id in request.unit_ids:
            if code := self.refused.get(unit_id):
                raise PeerRefused(code, f"Not {unit_id}.")
        if self.away_for in request.unit_ids:
            raise PeerUnavailable("away")
        self.taken.append(request.unit_ids)


@pytest.fixture
def peers() -> FakePeers:
    return FakePeers()


@pytest.fixture
async def uow() -> FakeUnitOfWork:
    """The pilot units have just entered the baseline."""
    uow = await uow_with_rollout()
    await act(uow, c.StartPilot())
    moves = plan_moves(await read_wave(ROLLOUT_ID, 0, uow), later(days=14))
    await record_moves(ROLLOUT_ID, 0, moves, uow)
    return uow


async def act(uow: FakeUnitOfWork, command: c.AnyCommand) -> None:
    request = ActionRequest(command, ADMINISTRATOR, str(uuid4()))
    await perform(PerformAction(ROLLOUT_ID, request), uow)


async def planned(uow: FakeUnitOfWork) -> PeerRequest:
    (command,) = plan_requests(await read_wave(ROLLOUT_ID, 0, uow), NOW)
    return command


async def send(command: PeerRequest, uow: FakeUnitOfWork, peers: FakePeers) -> None:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    await ask(command, opened, peers)


async def pilots(uow: FakeUnitOfWork) -> dict[str, Journey]:
    return await uow.rollouts.journeys(ROLLOUT_ID, JourneyFilter(unit_ids=PILOTS))


async def test_what_was_asked_is_noted_and_not_asked_again(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    command = await planned(uow)
    await send(command, uow, peers)
    await send(command, uow, peers)

    assert peers.taken == [PILOTS]
    assert {journey.asked_at for journey in (await pilots(uow)).values()} == {NOW}
    assert plan_requests(await read_wave(ROLLOUT_ID, 0, uow), NOW) == ()


@pytest.mark.parametrize("since", [c.Pause("Summer"), c.Stop("No money.")])
async def test_nothing_is_sent_for_a_rollout_that_was_paused_or_stopped_since(
    since: c.AnyCommand, uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    command = await planned(uow)
    await act(uow, since)
    await send(command, uow, peers)

    assert peers.taken == []
    assert {journey.asked_at for journey in (await pilots(uow)).values()} == {None}


async def test_nothing_is_sent_for_a_unit_that_was_paused_since(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    command = await planned(uow)
    await act(uow, c.PauseUnit("pilot-1", "Renovation"))
    await send(command, uow, peers)

    assert peers.taken == [PILOTS[1:]]


async def test_nothing_is_sent_for_a_unit_that_went_on_since(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    command = await planned(uow)
    gone_on = replace((await pilots(uow))["pilot-1"], step="modules")
    await uow.rollouts.save_journeys([gone_on])
    await send(command, uow, peers)

    assert peers.taken == [PILOTS[1:]]


async def test_a_refused_unit_holds_back_no_other_and_tells_why(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused = {"pilot-2": "unit-unknown", "pilot-4": "unit-without-people"}
    with pytest.raises(PeerRefused, match="Not pilot-2"):
        await send(await planned(uow), uow, peers)

    assert peers.taken == [("pilot-1",), ("pilot-3",)]
    seen = {
        unit: (j.asked_at, j.refused, j.refused_detail) for unit, j in (await pilots(uow)).items()
    }
    assert seen == {
        "pilot-1": (NOW, None, None),
        "pilot-2": (None, "unit-unknown", "Not pilot-2."),
        "pilot-3": (NOW, None, None),
        "pilot-4": (None, "unit-without-people", "Not pilot-4."),
    }


async def test_a_refusal_is_forgotten_once_the_command_is_taken(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused = {"pilot-2": "unit-unknown"}
    versions = []
    for _ in range(2):
        with pytest.raises(PeerRefused):
            await send(await planned(uow), uow, peers)
        versions.append((await pilots(uow))["pilot-2"].version)
    assert versions[0] == versions[1]  # The same refusal again is no news.
    peers.refused = {}
    await send(await planned(uow), uow, peers)

    journey = (await pilots(uow))["pilot-2"]
    assert (journey.refused, journey.refused_detail, journey.asked_at) == (None, None, NOW)
    assert peers.taken[-1] == ("pilot-2",)


async def test_units_that_are_too_late_for_their_release_get_the_next_one(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused = {"pilot-2": "release-takes-no-more", "pilot-3": "release-already-out"}
    command = await planned(uow)
    with pytest.raises(PeerRefused):
        await send(command, uow, peers)
    again = await planned(uow)

    assert again.unit_ids == ("pilot-2", "pilot-3")
    assert again.release_id not in (None, command.release_id)
    assert not any(isinstance(event, JourneyStuck) for event in uow.events)


async def test_a_late_answer_about_another_release_is_not_taken_for_this_one(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused = {"pilot-2": "release-already-out"}
    command = await planned(uow)
    with pytest.raises(PeerRefused):
        await send(command, uow, peers)

    await store_acceptance(replace(command, unit_ids=("pilot-2",)), uow)
    assert (await pilots(uow))["pilot-2"].asked_at is None


async def test_who_was_asked_before_nobody_answered_stays_asked(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused, peers.away_for = {"pilot-2": "unit-unknown"}, "pilot-3"
    with pytest.raises(PeerUnavailable):
        await send(await planned(uow), uow, peers)
    peers.away_for = None
    with pytest.raises(PeerRefused):
        await send(await planned(uow), uow, peers)

    assert peers.taken == [("pilot-1",), ("pilot-3",), ("pilot-4",)]


async def test_an_answer_counts_for_a_unit_that_was_paused_while_it_was_asked(
    uow: FakeUnitOfWork,
) -> None:
    class Slow(FakePeers):
        async def open_rounds(self, request: OpenRounds, cause: str | None) -> None:
            await act(uow, c.PauseUnit("pilot-1", "Renovation"))

    await send(await planned(uow), uow, Slow())

    journey = (await pilots(uow))["pilot-1"]
    assert (journey.status, journey.asked_at) == ("paused", NOW)


async def test_an_unknown_rollout_is_reported(uow: FakeUnitOfWork, peers: FakePeers) -> None:
    command = replace(await planned(uow), rollout_id=uuid4())
    with pytest.raises(DomainError, match="There is no rollout"):
        await send(command, uow, peers)


async def test_a_unit_that_cannot_go_on_is_reported_once(
    uow: FakeUnitOfWork, peers: FakePeers
) -> None:
    peers.refused = {"pilot-2": "instrument-unknown"}
    for _ in range(3):
        with pytest.raises(PeerRefused):
            await send(await planned(uow), uow, peers)

    stuck = [event for event in uow.events if isinstance(event, JourneyStuck)]
    assert stuck == [JourneyStuck(ROLLOUT_ID, "pilot-2", "baseline", "instrument-unknown")]
