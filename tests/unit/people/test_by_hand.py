"""Persons and assignments by hand: what is refused, what stays, and who hears of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from people_service.application import handlers
from people_service.application.by_hand import (
    AddPerson,
    Caller,
    ChangePerson,
    EndAssignment,
    GiveAssignment,
    add_person,
    change_person,
    end_assignment,
    give_assignment,
)
from people_service.application.code_ports import Scope, UnitPlace
from people_service.application.commands import RememberUnit
from people_service.application.ports import Account
from people_service.domain.management import UnitManagerChanged
from people_service.domain.membership import MembersJoined
from people_service.domain.person import Assignment, Person
from support.scopes import only, trees
from unit.people.builders import NOW, person, refused
from unit.people.fake_codes import CodeStore, FakeCodesUnitOfWork

TODAY = NOW.date()
DAY = timedelta(days=1)
NEW = replace(person(9), assignments=frozenset())


@pytest.fixture
def uow() -> FakeCodesUnitOfWork:
    """p-0001 is employed in rehab by a file. Rehab stands in care; heart has ended in rehab."""
    store = CodeStore(
        people={"p-0001": person(1), "p-0002": person(2)},
        units={"rehab": 1, "care": 1, "heart": 1, "lab": 1},
        places={"rehab": UnitPlace("rehab", "care", "Rehab", 1)},
    )
    return FakeCodesUnitOfWork(store)


def account_of(uow: FakeCodesUnitOfWork, person_id: str | None) -> str:
    account = Account(uuid4(), person_id)
    uow.store.accounts["https://idp", str(account.account_id)] = account
    return str(account.account_id)


async def give(
    uow: FakeCodesUnitOfWork,
    role: Any = "manager",
    unit_id: str = "rehab",
    first: date | None = None,
    last: date | None = None,
    *,
    to: str = "p-0001",
    by: str = "somebody",
    scope: Scope = None,
) -> Assignment:
    command = GiveAssignment(to, role, unit_id, first, last, "Appointed")
    return await give_assignment(command, Caller(by, scope), uow)


async def end(
    uow: FakeCodesUnitOfWork,
    last_day: date | None = None,
    role: Any = "manager",
    unit_id: str = "rehab",
    *,
    by: str = "somebody",
    scope: Scope = None,
) -> list[Assignment]:
    command = EndAssignment("p-0001", role, unit_id, last_day, "Leaves")
    return await end_assignment(command, Caller(by, scope), uow)


def by_hand(uow: FakeCodesUnitOfWork) -> set[Assignment]:
    return set(uow.store.people["p-0001"].as_from("hand").assignments)


def noted(uow: FakeCodesUnitOfWork) -> list[tuple[str, str, Mapping[str, Any] | None]]:
    """Action, subject and what it is afterwards, of each line of the audit trail."""
    assert isinstance(uow.store, CodeStore)
    return uow.store.noted


async def test_what_is_given_begins_today_and_is_told(uow: FakeCodesUnitOfWork) -> None:
    given = await give(uow)
    assert given == Assignment("manager", "rehab", TODAY, None, "hand")
    assert uow.store.people["p-0001"].assignments == person(1).assignments | {given}
    assert uow.store.recorded == [UnitManagerChanged("rehab", "appointed", 1)]
    await give(uow, "employee", "lab")
    assert uow.store.recorded[1:] == [MembersJoined("lab")]
    action, subject, after = noted(uow)[0]
    assert (action, subject) == ("persons.assign/give_assignment", "person/p-0001")
    assert after == {"assignments": [f"manager of rehab, from {TODAY} to -"]}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"role": "service", "unit_id": ""}, "/role"),
        ({"role": "respondent"}, "/role"),
        ({"role": "manager", "unit_id": ""}, "/unit_id"),
        ({"role": "auditor"}, "/unit_id"),
        ({"role": "deputy", "last": TODAY + DAY}, "/role"),
        ({"first": TODAY, "last": TODAY - DAY}, "/valid_to"),
        ({"first": TODAY - 9 * DAY, "last": TODAY - DAY}, "/valid_to"),
    ],
)
async def test_what_no_file_could_give_is_refused(
    uow: FakeCodesUnitOfWork, changes: dict[str, Any], pointer: str
) -> None:
    with refused("assignment-invalid") as caught:
        await give(uow, by=account_of(uow, "p-0002"), **changes)
    assert pointer in {error["pointer"] for error in caught.value.errors}
    assert by_hand(uow) == set()


async def test_units_that_are_unknown_or_end_are_refused(uow: FakeCodesUnitOfWork) -> None:
    with refused("unit-unknown") as caught:
        await give(uow, unit_id="nowhere")
    assert caught.value.errors[0]["pointer"] == "/unit_id"
    ends = RememberUnit("heart", 2, TODAY + 9 * DAY, "rehab")
    await handlers.remember_unit(ends, uow)
    with refused("unit-dissolved") as caught:
        await give(uow, unit_id="heart", last=TODAY + 9 * DAY)
    assert "rehab took it over" in caught.value.detail
    await give(uow, unit_id="heart", last=TODAY + 8 * DAY)


async def test_the_same_is_not_given_twice_for_a_day(uow: FakeCodesUnitOfWork) -> None:
    await give(uow, last=TODAY + 9 * DAY)
    for first in (None, TODAY + 9 * DAY):
        with refused("assignment-held"):
            await give(uow, first=first)
    await give(uow, first=TODAY + 10 * DAY)
    assert len(by_hand(uow)) == 2
    assert await give(uow, "employee"), "a file's own stands beside it"


async def test_what_has_begun_stays_as_history_and_what_would_begin_goes(
    uow: FakeCodesUnitOfWork,
) -> None:
    await give(uow, first=TODAY - 20 * DAY, last=TODAY + 5 * DAY)
    await give(uow, first=TODAY + 6 * DAY)
    uow.store.recorded.clear()
    until = Assignment("manager", "rehab", TODAY - 20 * DAY, TODAY + 2 * DAY, "hand")
    assert await end(uow, TODAY + 2 * DAY) == [until]
    assert uow.store.recorded == []
    assert await end(uow, TODAY + 9 * DAY) == [until], "it is not made longer"
    over = replace(until, valid_to=TODAY - DAY)
    assert await end(uow) == [over]
    assert uow.store.recorded == [UnitManagerChanged("rehab", "vacant", 2)]
    assert by_hand(uow) == {over}
    with refused("assignment-unknown"):
        await end(uow)


async def test_what_was_given_today_and_ended_today_was_never_there(
    uow: FakeCodesUnitOfWork,
) -> None:
    await give(uow)
    assert await end(uow) == []
    assert uow.store.people["p-0001"] == person(1)


async def test_only_what_came_by_hand_is_ended_by_hand(uow: FakeCodesUnitOfWork) -> None:
    with refused("assignment-not-by-hand") as caught:
        await end(uow, role="employee")
    assert "(import)" in caught.value.detail
    with refused("assignment-invalid"):
        await end(uow, TODAY - DAY)
    with refused("unknown-person"):
        await give(uow, to="nobody")


async def test_an_administrator_of_some_units_gives_and_ends_in_those(
    uow: FakeCodesUnitOfWork,
) -> None:
    await give(uow, scope=trees("care"))
    for scope in (trees("lab"), only("care")):
        with refused("outside-scope"):
            await give(uow, "facilitator", scope=scope)
        with refused("outside-scope"):
            await end(uow, scope=scope)
    for role in ("auditor", "administrator"):
        with refused("outside-scope"):
            await give(uow, role, "", by=account_of(uow, "p-0002"), scope=trees("care"))
    await end(uow, scope=only("rehab"))


@pytest.mark.parametrize("role", ["administrator", "approver", "auditor", "strategist"])
async def test_a_role_for_the_whole_region_is_given_by_another_person(
    uow: FakeCodesUnitOfWork, role: str
) -> None:
    own, unknown = account_of(uow, "p-0001"), account_of(uow, None)
    other = account_of(uow, "p-0002")
    for by, code in ((own, "own-region-role"), (unknown, "caller-unknown")):
        with refused(code):
            await give(uow, role, "", by=by)
    given = await give(uow, role, "", by=other)
    assert by_hand(uow) == {given}
    for by, code in ((own, "own-region-role"), (unknown, "caller-unknown")):
        with refused(code):
            await end(uow, role=role, unit_id="", by=by)
    await end(uow, role=role, unit_id="", by=other)


async def test_nobody_gives_themselves_a_role_for_a_unit(uow: FakeCodesUnitOfWork) -> None:
    """An administrator of some units would make themselves the manager, until they are none."""
    own = account_of(uow, "p-0001")
    for role in ("manager", "administrator", "employee"):
        with refused("own-role"):
            await give(uow, role, by=own, scope=trees("care"))
    assert by_hand(uow) == set()
    await give(uow, by=account_of(uow, "p-0002"), scope=trees("care"))


async def test_a_person_is_added_once(uow: FakeCodesUnitOfWork) -> None:
    written = replace(NEW, phone="070-174 06 05", hsa_id="se2321000016-1abc")
    added = await add_person(AddPerson(written, "Hired"), uow)
    stored = replace(NEW, phone="+46701740605", hsa_id="SE2321000016-1ABC")
    assert added == uow.store.people["p-0009"] == stored
    assert noted(uow) == [("persons.change/add_person", "person/p-0009", {"assignments": []})]
    with refused("person-known"):
        await add_person(AddPerson(NEW, "Hired"), uow)
    with refused("hsa-id-taken"):
        other = replace(NEW, person_id="p-0010", hsa_id="SE2321000016-1ABC")
        await add_person(AddPerson(other, "Hired"), uow)


async def test_every_fault_of_a_person_is_named(uow: FakeCodesUnitOfWork) -> None:
    wrong = Person("NULL", "a\nb", "nomail", "sv", frozenset(), "112", "112")
    with refused("person-invalid") as caught:
        await add_person(AddPerson(wrong, "Hired"), uow)
    named = [error["pointer"] for error in caught.value.errors]
    assert named == ["/person_id", "/name", "/email", "/phone", "/hsa_id"]


async def test_what_a_change_leaves_out_stays(uow: FakeCodesUnitOfWork) -> None:
    facts = {"phone": "070-174 06 05", "hsa_id": "SE2321000016-1ABC"}
    changed = await change_person(ChangePerson("p-0001", facts, "Given"), uow)
    assert replace(changed, phone="", hsa_id="") == person(1)
    assert noted(uow)[-1][2] == {"changed": ["phone", "hsa_id"]}
    before = len(noted(uow))
    assert await change_person(ChangePerson("p-0001", facts, "Again"), uow) == changed
    assert len(noted(uow)) == before
    changed = await change_person(ChangePerson("p-0001", {"phone": ""}, "Gone"), uow)
    assert (changed.phone, changed.hsa_id) == ("", "SE2321000016-1ABC")
    with refused("hsa-id-taken"):
        await change_person(ChangePerson("p-0002", facts, "Given"), uow)
    with refused("unknown-person"):
        await change_person(ChangePerson("nobody", facts, "Given"), uow)
