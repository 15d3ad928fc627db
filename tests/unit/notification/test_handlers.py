"""Which events cause which messages, and that a repeated event causes no other."""

from datetime import date
from uuid import uuid4

from notification_service.application import handlers
from notification_service.application.commands import (
    AnnounceDecision,
    AnnounceManager,
    AnnounceModules,
    CallForPerson,
    RemindOfEnd,
    ReportStuckJourney,
)
from unit.notification.builders import Person, person
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork

PEOPLE = [
    person(1),
    person(2),
    person(3, ("manager", "rehab")),
    person(4, ("manager", "heart")),
    person(5, ("administrator", "")),
]


def stored(people: list[Person]) -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in people}))


def sent_to(uow: FakeUnitOfWork, template: str) -> list[str]:
    return sorted(m.recipient_id for m in uow.store.messages.values() if m.template == template)


async def test_a_stuck_journey_is_reported_to_the_administrators_once_per_event() -> None:
    uow, command = stored(PEOPLE), ReportStuckJourney(uuid4(), "rehab", "unit-without-people")
    await handlers.report_stuck_journey(command, uow)
    await handlers.report_stuck_journey(command, uow)
    assert sent_to(uow, "journey_stuck") == ["p-0005"]
    assert [m.facts for m in uow.store.messages.values()] == [
        {"unit_id": "rehab", "code": "unit-without-people"}
    ]


async def test_modules_are_announced_to_the_manager_once_per_rollout() -> None:
    uow, rollout = stored(PEOPLE), uuid4()
    for _ in range(3):
        await handlers.announce_modules(AnnounceModules(rollout, "rehab"), uow)
    assert sent_to(uow, "modules_assigned") == ["p-0003"]
    await handlers.announce_modules(AnnounceModules(uuid4(), "rehab"), uow)
    assert sent_to(uow, "modules_assigned") == ["p-0003", "p-0003"]


async def test_who_came_as_a_manager_gets_the_hand_over_once() -> None:
    uow = stored(PEOPLE)
    for newcomers in (["p-0004"], ["p-0004"], [], ["p-0003", "p-0004"]):
        uow.store.new_managers["rehab"] = newcomers
        await handlers.announce_manager(AnnounceManager("rehab"), uow)
    assert sent_to(uow, "manager_assigned") == ["p-0003", "p-0004"]


async def test_both_persons_of_a_delegation_are_told_of_its_end_once() -> None:
    uow, mine, ended = stored(PEOPLE), uuid4(), uuid4()
    uow.store.delegations[mine] = ["p-0001", "p-0003"]
    for delegation_id in (mine, mine, ended):
        await handlers.remind_of_end(RemindOfEnd(delegation_id, date(2026, 3, 9)), uow)
    assert sent_to(uow, "delegation_ends") == ["p-0001", "p-0003"]
    facts = {"delegation_id": str(mine), "ends_on": "2026-03-09"}
    assert all(m.facts == facts for m in uow.store.messages.values())


async def test_each_evaluation_calls_the_administrators_again() -> None:
    uow, rollout, evaluation = stored(PEOPLE), uuid4(), uuid4()
    for evaluation_id in (evaluation, evaluation, uuid4()):
        command = CallForPerson(evaluation_id, rollout)
        await handlers.call_for_person(command, uow)
    assert sent_to(uow, "gate_needs_person") == ["p-0005", "p-0005"]


async def test_a_decision_is_announced_to_all_managers() -> None:
    uow, command = stored(PEOPLE), AnnounceDecision(uuid4(), uuid4())
    await handlers.announce_decision(command, uow)
    await handlers.announce_decision(command, uow)
    assert sent_to(uow, "decision_published") == ["p-0003", "p-0004"]
