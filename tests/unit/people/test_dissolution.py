"""When a unit ends its people's assignments end or go on in its successor; what was stays."""

from dataclasses import replace
from datetime import date

import pytest

from people_service.application import handlers
from people_service.application.commands import ImportPersons, RememberUnit
from people_service.application.person_import import import_persons
from people_service.domain.dissolution import Dissolution, followed
from people_service.domain.management import UnitManagerChanged
from people_service.domain.membership import MembersJoined
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person
from unit.people.fakes import FakeUnitOfWork, Store

LAST, END = date(2026, 3, 1), NOW.date()
MERGED = {"rehab": Dissolution("rehab", END, "heart"), "heart": Dissolution("heart", END, "lab")}


def holding(*assignments: Assignment) -> frozenset[Assignment]:
    return followed(replace(person(1), assignments=frozenset(assignments)), MERGED).assignments


def test_an_assignment_ends_with_the_unit_and_goes_on_where_the_last_successor_is() -> None:
    assert holding(Assignment("manager", "rehab")) == {
        Assignment("manager", "rehab", None, LAST),
        Assignment("manager", "lab", END, None),
    }


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, LAST, {Assignment("employee", "rehab", None, LAST)}),
        (END, None, {Assignment("employee", "lab", END, None)}),
        (date(2026, 9, 1), None, {Assignment("employee", "lab", date(2026, 9, 1), None)}),
    ],
)
def test_what_was_over_stays_and_what_is_to_come_comes_in_the_successor(
    first: date | None, last: date | None, expected: set[Assignment]
) -> None:
    assert holding(Assignment("employee", "rehab", first, last)) == expected


def test_doing_it_again_changes_nothing_and_a_ring_ends() -> None:
    once = holding(Assignment("manager", "rehab"), Assignment("employee", "other"))
    assert holding(*once) == once
    ring = MERGED | {"lab": Dissolution("lab", END, "rehab")}
    assert followed(person(1), ring)


async def test_a_merger_moves_people_and_managers_once_whatever_order_events_come_in() -> None:
    store = Store(people={"p-0001": person(1, ("manager", "rehab")), "p-0002": person(2)})
    uow = FakeUnitOfWork(store)
    await handlers.remember_unit(RememberUnit("rehab", 1), uow)
    merged = RememberUnit("rehab", 5, END, "heart")
    for command in (merged, merged, RememberUnit("rehab", 4)):
        await handlers.remember_unit(command, uow)
    assert await uow.persons.of_unit("heart", END) == ["p-0001", "p-0002"]
    assert await uow.persons.of_unit("rehab", END) == []
    assert await uow.persons.of_unit("rehab", LAST) == ["p-0001", "p-0002"]
    assert store.recorded == [
        MembersJoined("heart"),
        UnitManagerChanged("heart", "appointed", 1),
    ]


async def test_a_file_that_does_not_know_of_the_merger_changes_nothing() -> None:
    uow = FakeUnitOfWork(Store(people={"p-0001": person(1)}))
    await handlers.remember_unit(RememberUnit("rehab", 2, END, "heart"), uow)
    before = dict(uow.store.people)
    row = {
        "person_id": "p-0001",
        "name": "Exempelperson 0001",
        "role": "employee",
        "email": "person0001@example.se",
        "language": "sv",
        "unit_id": "rehab",
        "valid_from": "",
        "valid_to": "",
        "phone": "",
        "hsa_id": "",
    }
    done = await import_persons(ImportPersons([(2, row)], [], dry_run=False), uow)
    assert (done.plan.unchanged, uow.store.people) == (1, before)
