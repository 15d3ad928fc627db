"""After a restore to different times: what is missing is asked for again, the rest is listed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from unit.workflow.clock import NOW, later
from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.journey.test_asking import FakePeers, pilots, planned, send
from unit.workflow.journey.test_asking import uow as uow  # the fixture
from unit.workflow.rollout.samples import PILOTS, ROLLOUT_ID
from workflow_service.application.journey.handlers import store_evidence
from workflow_service.application.journey.reconciling import (
    KnownAssignment,
    KnownRound,
    Practice,
    reconcile_journeys,
)
from workflow_service.application.ports import ALL_JOURNEYS, Difference, NewEvidence
from workflow_service.domain.journey.evidence import ActionChosen, MeetingHeld, RoundReleased


@dataclass
class FakeOthers:
    """Assessment and content as they were restored, and the waves that were made to look again."""

    known_rounds: list[KnownRound] = field(default_factory=list)
    known_assignments: list[KnownAssignment] = field(default_factory=list)
    did: list[Practice] = field(default_factory=list)
    asked_about: list[str] = field(default_factory=list)
    nudged: list[int] = field(default_factory=list)

    async def rounds(self) -> list[KnownRound]:
        return self.known_rounds

    async def assignments(self) -> list[KnownAssignment]:
        return self.known_assignments

    async def practice(self, rollout_id: UUID, unit_id: str) -> list[Practice]:
        self.asked_about.append(unit_id)
        return self.did

    async def nudge_wave(self, rollout_id: UUID, wave: int) -> None:
        self.nudged.append(wave)


def a_round(unit_id: str, **changes: Any) -> KnownRound:
    given = {"rollout_id": ROLLOUT_ID, "occasion": "baseline", "status": "open", "closed_at": None}
    return KnownRound(uuid4(), unit_id=unit_id, **{**given, **changes})


async def compared(
    uow: FakeUnitOfWork, others: FakeOthers, peers: FakePeers | None = None
) -> list[tuple[str, str, str]]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    found = await reconcile_journeys(
        opened,
        others,
        others,  # type: ignore[arg-type]
        peers or FakePeers(),
    )
    return [_short(one) for one in found]


def _short(one: Difference) -> tuple[str, str, str]:
    return (one.kind + (" todo" if one.code else ""), one.subject, one.unit_id or "")


@pytest.fixture
async def asked(uow: FakeUnitOfWork) -> FakeUnitOfWork:
    """The pilot units' rounds were asked for, some time ago."""
    await send(await planned(uow), uow, FakePeers())
    uow.time = later(minutes=1)
    return uow


async def release(uow: FakeUnitOfWork, unit_id: str) -> None:
    detail = RoundReleased(kind="baseline_released", participation=80, indices={})
    await store_evidence(NewEvidence(ROLLOUT_ID, unit_id, uuid4(), NOW, detail), uow)


async def test_services_that_agree_have_no_difference(asked: FakeUnitOfWork) -> None:
    others = FakeOthers([a_round(unit_id) for unit_id in PILOTS])
    assert await compared(asked, others) == []
    assert others.nudged == []


async def test_a_lost_round_is_asked_for_again_once(asked: FakeUnitOfWork) -> None:
    first, *rest = PILOTS
    others = FakeOthers([a_round(unit_id) for unit_id in rest])
    assert await compared(asked, others) == [("missing", "round", first)]
    journeys = await pilots(asked)
    assert [unit_id for unit_id, one in journeys.items() if one.asked_at is None] == [first]
    assert others.nudged == [0]
    assert await compared(asked, others) == []


async def test_what_was_asked_for_just_now_is_not_missed(asked: FakeUnitOfWork) -> None:
    asked.time = NOW
    assert await compared(asked, FakeOthers()) == []


async def test_published_results_of_a_round_that_is_lost_or_open_again_are_a_persons_task(
    asked: FakeUnitOfWork,
) -> None:
    first, second, *rest = PILOTS
    for unit_id in (first, second):
        await release(asked, unit_id)
    others = FakeOthers([a_round(unit_id) for unit_id in (second, *rest)])
    assert await compared(asked, others) == [
        ("contradictory todo", "round", first),
        ("contradictory todo", "round", second),
    ]


async def test_what_no_journey_needs_is_listed(asked: FakeUnitOfWork) -> None:
    rounds = [a_round(unit_id) for unit_id in PILOTS]
    of_nobody = a_round("elsewhere", rollout_id=uuid4())
    modules = [KnownAssignment(uuid4(), ROLLOUT_ID, PILOTS[0], "start")]
    found = await compared(asked, FakeOthers([*rounds, of_nobody], modules))
    assert sorted(found) == [
        ("orphan todo", "modules", PILOTS[0]),
        ("orphan todo", "round", "elsewhere"),
    ]


async def test_results_that_this_service_never_heard_of_are_listed_after_a_while(
    asked: FakeUnitOfWork,
) -> None:
    rounds = [a_round(one, status="anonymised", closed_at=NOW) for one in PILOTS]
    assert await compared(asked, FakeOthers(rounds)) == []
    asked.time = later(minutes=6)
    found = await compared(asked, FakeOthers(rounds))
    assert found == [("missing todo", "evidence", one) for one in PILOTS]


async def test_what_content_has_lost_is_listed_until_it_is_recorded_again(
    asked: FakeUnitOfWork,
) -> None:
    first, rounds = PILOTS[0], [a_round(unit_id) for unit_id in PILOTS]
    held = NewEvidence(ROLLOUT_ID, first, uuid4(), NOW, MeetingHeld())
    await store_evidence(held, asked)
    module = KnownAssignment(uuid4(), ROLLOUT_ID, first, "start")
    lost = ("orphan todo", "evidence", first)
    assert lost in await compared(asked, FakeOthers(rounds, [module]))
    again = FakeOthers(rounds, [module], [Practice(uuid4(), MeetingHeld())])
    assert lost not in await compared(asked, again)


async def test_what_units_did_and_this_service_has_lost_is_noted_once(
    asked: FakeUnitOfWork,
) -> None:
    first, rounds = PILOTS[0], [a_round(unit_id) for unit_id in PILOTS]
    module = KnownAssignment(uuid4(), ROLLOUT_ID, first, "start", completed=True)
    action = Practice(uuid4(), ActionChosen())
    others = FakeOthers(rounds, [module], [Practice(uuid4(), MeetingHeld()), action])
    await asked.rollouts.withdraw_evidence(
        ROLLOUT_ID, first, "action_chosen", action.reference, NOW
    )
    noted = [one for one in await compared(asked, others) if one[1] == "evidence"]
    assert noted == [("missing", "evidence", first)] * 2  # Not what was withdrawn.
    (situation,) = [
        s
        for s in await asked.rollouts.situations(ROLLOUT_ID, ALL_JOURNEYS)
        if s.journey.unit_id == first
    ]
    assert {one.kind for one in situation.evidence} == {"module_completed", "meeting_held"}
    assert others.nudged == [0]
    again = await compared(asked, others)
    assert [one for one in again if one[1] == "evidence"] == []


async def in_follow_up(uow: FakeUnitOfWork) -> tuple[str, FakeOthers]:
    """A unit that chose an action and is in its follow-up; content knows nothing of it."""
    first = PILOTS[0]
    uow.time = later(minutes=2)
    journey = (await pilots(uow))[first]
    await uow.rollouts.save_journeys([replace(journey, step="follow_up", step_started_at=NOW)])
    chosen = NewEvidence(ROLLOUT_ID, first, uuid4(), NOW, ActionChosen())
    await store_evidence(chosen, uow)
    rounds = [a_round(unit_id) for unit_id in PILOTS]
    return first, FakeOthers([*rounds, a_round(first, occasion="follow_up")])


async def test_modules_that_content_lost_are_given_again_though_the_unit_has_gone_on(
    asked: FakeUnitOfWork,
) -> None:
    (first, others), peers = await in_follow_up(asked), FakePeers()
    assert await compared(asked, others, peers) == [
        ("orphan todo", "evidence", first),
        ("missing", "modules", first),
    ]
    assert (peers.taken, others.asked_about) == ([(first,)], [first])
    assert (await pilots(asked))[first].asked_at is not None  # Its round is not asked for again.
    others.known_assignments.append(KnownAssignment(uuid4(), ROLLOUT_ID, first, "start"))
    others.did.append(Practice(uuid4(), ActionChosen()))
    assert ("missing", "modules", first) not in await compared(asked, others, peers)
    assert peers.taken == [(first,)]


@pytest.mark.parametrize("status", ["active", "paused"])
async def test_modules_that_are_lost_in_their_step_are_asked_for_again_once(
    asked: FakeUnitOfWork, status: Any
) -> None:
    (first, others), peers = await in_follow_up(asked), FakePeers()
    in_step = replace((await pilots(asked))[first], step="modules", status=status)
    await asked.rollouts.save_journeys([in_step])
    assert ("missing", "modules", first) in await compared(asked, others, peers)
    assert (peers.taken, others.nudged) == ([], [0])  # The wave asks.
    assert (await pilots(asked))[first].asked_at is None
    assert ("missing", "modules", first) not in await compared(asked, others, peers)


@pytest.mark.parametrize("status", ["completed", "stopped"])
async def test_a_unit_whose_journey_has_ended_is_given_no_modules(
    asked: FakeUnitOfWork, status: Any
) -> None:
    (first, others), peers = await in_follow_up(asked), FakePeers()
    await asked.rollouts.save_journeys([replace((await pilots(asked))[first], status=status)])
    assert await compared(asked, others, peers) == []
    assert (peers.taken, others.asked_about) == ([], [])


async def test_modules_that_content_does_not_give_again_are_a_persons_task(
    asked: FakeUnitOfWork,
) -> None:
    first, others = await in_follow_up(asked)
    peers = FakePeers(refused={first: "module-not-published"})
    assert ("missing todo", "modules", first) in await compared(asked, others, peers)
