"""Whatever makes somebody join or lead a unit, the others hear of it at once, and once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from people_service.application import handlers, provisioning
from people_service.application.commands import RememberUnit
from people_service.application.membership_changes import announce
from people_service.application.person_import import announce_joiners
from people_service.application.scim_ports import ScimResource
from people_service.domain.events import DomainEvent
from people_service.domain.management import UnitManagerChanged
from people_service.domain.membership import MembersJoined
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person
from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.scim_builders import RULES, comparable, group, user


@pytest.fixture
def uow() -> FakeUnitOfWork:
    return FakeUnitOfWork(Store())


def announced(uow: FakeUnitOfWork) -> list[DomainEvent]:
    said = [*uow.store.recorded]
    uow.store.recorded.clear()
    return said


async def test_a_user_of_scim_joins_their_unit_once(uow: FakeUnitOfWork) -> None:
    made = await provisioning.create("User", user(), comparable(user()), uow, RULES)
    assert announced(uow) == [MembersJoined("rehab")]
    for document, events in (
        (user(displayName="Exempel Ny"), []),
        (user(unit="heart"), [MembersJoined("heart")]),
        (user(active=False), []),
        (user(), [MembersJoined("rehab")]),
    ):
        made = await provisioning.change(made, document, comparable(document), uow, RULES)
        assert announced(uow) == events


async def test_a_user_of_scim_whom_a_file_has_in_the_unit_joins_nothing() -> None:
    uow = FakeUnitOfWork(Store(people={"p-0001": person(1)}))
    await provisioning.create("User", user(), comparable(user()), uow, RULES)
    assert announced(uow) == []


async def test_a_group_of_scim_appoints_managers_at_once(uow: FakeUnitOfWork) -> None:
    users = [
        await provisioning.create("User", user(n), comparable(user(n)), uow, RULES) for n in (1, 2)
    ]

    async def changed(team: ScimResource, *members: ScimResource) -> ScimResource:
        document = group("manager:heart", *members)
        return await provisioning.change(team, document, comparable(document), uow, RULES)

    announced(uow)
    document = group("manager:heart", *users)
    team = await provisioning.create("Group", document, comparable(document), uow, RULES)
    assert announced(uow) == [MembersJoined("heart"), UnitManagerChanged("heart", "appointed", 1)]
    await changed(team, users[0])
    assert announced(uow) == [UnitManagerChanged("heart", "changed", 2)]
    await provisioning.delete(users[0], uow, RULES)
    assert announced(uow) == [UnitManagerChanged("heart", "vacant", 3)]


async def test_a_joiner_of_a_day_that_was_announced_meanwhile_is_announced(
    uow: FakeUnitOfWork,
) -> None:
    tomorrow = NOW.date() + timedelta(days=1)
    uow.store.announced = tomorrow  # while this import, which began before midnight, was waiting
    begins = Assignment("employee", "late", tomorrow)
    joiner = replace(person(1), assignments=frozenset({begins}))
    uow.store.people = {"p-0001": joiner}
    await announce([(None, joiner)], uow)
    assert announced(uow) == [MembersJoined("late")]


async def test_the_successor_of_a_unit_hears_who_came_with_the_merger(uow: FakeUnitOfWork) -> None:
    uow.store.people = {"p-0001": person(1), "p-0002": person(2, ("facilitator", "rehab"))}
    await announce_joiners(uow)
    merged = RememberUnit("rehab", 2, NOW.date(), "heart")
    await handlers.remember_unit(merged, uow)
    assert announced(uow) == [MembersJoined("heart")]
    await handlers.remember_unit(merged, uow)
    await announce_joiners(uow)
    assert announced(uow) == []
