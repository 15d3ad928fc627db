"""What an import of persons does, from the rows of a file to what is announced."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from people_service.application import handlers
from people_service.application.commands import ImportPersons, RememberUnit
from people_service.application.exchange import grant_of
from people_service.application.person_import import (
    ImportResult,
    announce_joiners,
    import_persons,
)
from people_service.application.ports import Account
from people_service.domain.identities import KnownIdentity
from people_service.domain.identity_provider import Identity
from people_service.domain.membership import MembersJoined
from people_service.domain.person import Assignment, Person
from people_service.domain.person_import import RegionRoleChange
from people_service.domain.roles import RoleName
from unit.people.builders import NOW, person, refused
from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.provider_builder import provider

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)
OTHERS = ("p-0002", "p-0003", "p-0004", "p-0005", "p-0006")
PEOPLE = [
    person(1),
    person(2),
    person(3, ("manager", "rehab")),
    person(4, ("manager", "heart")),
    person(5, ("administrator", "")),
    person(6, ("administrator", "rehab")),
]


def knowing(*people: Person) -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in people or PEOPLE}))


def row(number: int, **changes: str) -> dict[str, str]:
    """A row of the person file."""
    values = {
        "person_id": f"p-{number:04}",
        "name": f"Exempelperson {number:04}",
        "email": f"person{number:04}@example.se",
        "language": "sv",
        "role": "employee",
        "unit_id": "heart",
        "valid_from": "",
        "valid_to": "",
        "phone": "",
        "hsa_id": "",
    }
    return values | changes


def file(*rows: dict[str, str], dry_run: bool = False, **changes: Any) -> ImportPersons:
    return ImportPersons(list(enumerate(rows, 2)), [], dry_run, **changes)


def importing(*more: dict[str, str], dry_run: bool = False) -> ImportPersons:
    """A file that changes p-0001, adds p-0009, and has more rows."""
    return file(row(1, language="en", unit_id="rehab"), row(9), *more, dry_run=dry_run)


def kinds(result: ImportResult) -> dict[str, str]:
    return {change.after.person_id: change.kind for change in result.plan.changes}


def held(uow: FakeUnitOfWork, number: int) -> set[tuple[str, date | None, date | None]]:
    """Unit, first and last day of a person's assignments."""
    assignments = uow.store.people[f"p-{number:04}"].assignments
    return {(one.unit_id, one.valid_from, one.valid_to) for one in assignments}


async def test_a_dry_run_returns_what_the_import_does() -> None:
    uow = knowing()
    await handlers.remember_unit(RememberUnit("rehab", 1), uow)
    before = dict(uow.store.people)
    preview = await import_persons(importing(dry_run=True), uow)
    assert uow.store.people == before
    done = await import_persons(importing(), uow)
    assert done == preview
    assert kinds(done) == {"p-0001": "changed", "p-0009": "added"}
    assert done.plan.absent == OTHERS
    assert done.unknown_units == ("heart",)
    assert uow.store.people["p-0001"].language == "en"
    again = await import_persons(importing(), uow)
    assert (again.plan.changes, again.plan.unchanged) == ((), 2)


async def test_another_last_day_is_a_change() -> None:
    uow = knowing()
    limited = importing(row(2, unit_id="rehab", valid_to="2026-05-31"))
    done = await import_persons(limited, uow)
    assert kinds(done)["p-0002"] == "changed"
    assert held(uow, 2) == {("rehab", None, date(2026, 5, 31))}
    again = await import_persons(limited, uow)
    assert (again.plan.changes, again.plan.unchanged) == ((), 3)


async def test_an_import_changes_no_assignment_of_another_source() -> None:
    uow = knowing()
    by_scim = Assignment("manager", "lab", source="scim")
    (own,) = person(2).assignments
    uow.store.people["p-0002"] = replace(person(2), assignments=frozenset({own, by_scim}))
    as_before = row(2, unit_id="rehab")
    preview = await import_persons(importing(as_before, dry_run=True), uow)
    assert "p-0002" not in kinds(preview)
    moved = row(2, unit_id="heart")
    await import_persons(importing(moved), uow)
    heart = Assignment("employee", "heart", TODAY)
    before = replace(own, valid_to=YESTERDAY)
    assert uow.store.people["p-0002"].assignments == {heart, before, by_scim}


async def test_an_import_warns_of_what_still_keeps_mails_from_people() -> None:
    uow = knowing()
    await handlers.remember_unit(RememberUnit("heart", 1), uow)
    other = row(4, person_id="P-0004", role="manager")
    preview = await import_persons(importing(other, dry_run=True), uow)
    assert [(p.kind, p.unit_id, p.ids) for p in preview.problems] == [
        ("ids-differ-in-case", None, ("P-0004", "p-0004")),
        ("unit-unknown", "rehab", ("p-0001", "p-0002", "p-0003", "p-0006")),
    ]


async def test_a_faulty_file_changes_nothing() -> None:
    uow = knowing()
    before = dict(uow.store.people)
    with refused("import-invalid"):
        await import_persons(importing(row(10, name="", email="x")), uow)
    assert uow.store.people == before


async def test_who_moves_keeps_the_history_and_begins_today() -> None:
    uow = knowing()
    moved = row(1)
    assert kinds(await import_persons(file(moved), uow)) == {"p-0001": "moved"}
    assert held(uow, 1) == {("rehab", None, YESTERDAY), ("heart", TODAY, None)}
    assert kinds(await import_persons(file(moved), uow)) == {}
    uow.store.now = NOW + timedelta(days=30)
    back = file(row(1, unit_id="rehab"))
    assert kinds(await import_persons(back, uow)) == {"p-0001": "moved"}
    assert len(held(uow, 1)) == 3
    assert kinds(await import_persons(back, uow)) == {}


async def test_what_has_no_day_left_goes() -> None:
    uow = knowing()
    await import_persons(file(row(1)), uow)
    await import_persons(file(row(1, unit_id="rehab")), uow)
    assert held(uow, 1) == {("rehab", None, YESTERDAY), ("rehab", TODAY, None)}
    now, later = row(2, unit_id="rehab"), row(2, valid_from="2026-09-01")
    await import_persons(file(now, later), uow)
    assert held(uow, 2) == {("rehab", None, None), ("heart", date(2026, 9, 1), None)}
    await import_persons(file(now), uow)
    assert held(uow, 2) == {("rehab", None, None)}


async def test_a_day_that_the_file_gives_counts() -> None:
    uow = knowing()
    given = row(1, valid_from="2026-03-16", valid_to="2026-06-30")
    await import_persons(file(row(1, unit_id="rehab", valid_to="2026-03-15"), given), uow)
    assert held(uow, 1) == {
        ("rehab", None, date(2026, 3, 15)),
        ("heart", date(2026, 3, 16), date(2026, 6, 30)),
    }


def many(count: int) -> FakeUnitOfWork:
    return knowing(*(person(number) for number in range(1, count + 1)))


def listing(*numbers: int) -> list[dict[str, str]]:
    return [row(number, unit_id="rehab") for number in numbers]


async def test_only_a_complete_file_ends_who_it_does_not_list() -> None:
    uow = many(10)
    delta = await import_persons(file(*listing(*range(2, 11))), uow)
    assert (delta.plan.absent, kinds(delta)) == (("p-0001",), {})
    done = await import_persons(file(*listing(*range(2, 11)), complete=True), uow)
    assert (kinds(done), done.plan.absent, done.confirm) == ({"p-0001": "ended"}, (), None)
    assert held(uow, 1) == {("rehab", None, YESTERDAY)}
    again = await import_persons(file(*listing(*range(2, 11)), complete=True), uow)
    assert (kinds(again), again.plan.holding) == ({}, 9)


async def test_who_returns_gets_a_new_assignment() -> None:
    uow = many(10)
    await import_persons(file(*listing(*range(2, 11)), complete=True), uow)
    uow.store.now = NOW + timedelta(days=60)
    done = await import_persons(file(*listing(1)), uow)
    assert kinds(done) == {"p-0001": "returned"}
    first = TODAY + timedelta(days=60)
    assert held(uow, 1) == {("rehab", None, YESTERDAY), ("rehab", first, None)}


async def test_a_file_that_says_nothing_of_phone_and_hsa_id_leaves_them() -> None:
    hsa_id = "SE2321000016-1ABC"
    uow = knowing(replace(person(1), phone="+46701740605", hsa_id=hsa_id))
    done = await import_persons(file(row(1, unit_id="rehab")), uow)
    assert (done.plan.changes, done.plan.unchanged) == ((), 1)
    await import_persons(file(row(1, unit_id="rehab", phone="070-174 06 06")), uow)
    changed = uow.store.people["p-0001"]
    assert (changed.phone, changed.hsa_id) == ("+46701740606", hsa_id)


async def test_a_hsa_id_is_one_persons() -> None:
    uow = knowing(replace(person(1), hsa_id="SE2321000016-1ABC"), person(2))
    taken = row(2, unit_id="rehab", hsa_id="SE2321000016-1ABC")
    with refused("hsa-id-taken") as caught:
        await import_persons(file(taken), uow)
    assert "p-0001, p-0002" in caught.value.errors[0]["detail"]
    other = row(1, unit_id="rehab", hsa_id="SE2321000016-2ABC")
    await import_persons(file(taken, other), uow)
    assert uow.store.people["p-0002"].hsa_id == "SE2321000016-1ABC"


async def test_a_complete_file_leaves_other_sources_alone() -> None:
    uow = many(10)
    by_hand = Assignment("manager", "lab", source="hand")
    both = uow.store.people["p-0001"].assignments | {by_hand}
    uow.store.people["p-0001"] = replace(person(1), assignments=both)
    only_by_hand = replace(person(11), assignments=frozenset({by_hand}))
    uow.store.people["p-0011"] = only_by_hand
    done = await import_persons(file(*listing(*range(2, 11)), complete=True), uow)
    assert (kinds(done), done.plan.holding) == ({"p-0001": "ended"}, 10)
    assert by_hand in uow.store.people["p-0001"].assignments
    assert uow.store.people["p-0011"] == only_by_hand


async def test_a_file_that_ends_many_asks_twice_for_exactly_this_file_and_state() -> None:
    uow = many(10)
    rows = listing(*range(3, 11))
    before = dict(uow.store.people)
    with refused("import-ends-many") as caught:
        await import_persons(file(*rows, complete=True), uow)
    assert "2 of 10" in caught.value.detail
    preview = await import_persons(file(*rows, complete=True, dry_run=True), uow)
    assert preview.confirm is not None
    assert preview.confirm not in caught.value.detail
    other_file = [*listing(*range(3, 10)), row(10, unit_id="rehab", language="en")]
    for wrong in (
        file(*rows, complete=True, confirm="0" * 16),
        file(*other_file, complete=True, confirm=preview.confirm),
    ):
        with refused("import-ends-many"):
            await import_persons(wrong, uow)
    uow.store.people["p-0011"] = person(11)
    with refused("import-ends-many"):
        await import_persons(file(*rows, complete=True, confirm=preview.confirm), uow)
    del uow.store.people["p-0011"]
    assert uow.store.people == before
    done = await import_persons(file(*rows, complete=True, confirm=preview.confirm), uow)
    assert done.plan.ended == ["p-0001", "p-0002"]


async def test_a_file_that_moves_many_asks_twice_too() -> None:
    """As one whose column of units was filled with the first row's value."""
    uow = many(99)
    rows = [row(number, unit_id="heart") for number in range(1, 11)]
    with refused("import-moves-many") as caught:
        await import_persons(file(*rows), uow)
    assert "moves 10 of 99 persons" in caught.value.detail
    preview = await import_persons(file(*rows, dry_run=True), uow)
    assert len(preview.plan.moved) == 10
    done = await import_persons(file(*rows, confirm=preview.confirm), uow)
    assert done.plan.moves_many
    nine = [row(number, unit_id="heart") for number in range(1, 10)]
    assert not (await import_persons(file(*nine), many(20))).plan.moves_many


@pytest.mark.parametrize("role", ["employee", "manager"])
@pytest.mark.parametrize(("days", "asks"), [(1, True), (30, True), (31, False)])
async def test_a_dated_move_within_thirty_days_asks_twice(
    role: RoleName, days: int, asks: bool
) -> None:
    uow = knowing(*(person(number, (role, "rehab")) for number in range(1, 21)))
    first = TODAY + timedelta(days=days)
    moving = [
        row(number, role=role, unit_id=unit, **dates)
        for number in range(1, 21)
        for unit, dates in (
            ("rehab", {"valid_to": str(first - timedelta(days=1))}),
            ("heart", {"valid_from": str(first)}),
        )
    ]
    preview = await import_persons(file(*moving, dry_run=True), uow)
    assert preview.plan.moves_many is asks


async def test_a_delta_that_ends_many_by_its_dates_asks_twice_too() -> None:
    uow = many(10)
    rows = [row(number, unit_id="rehab", valid_to="2026-02-01") for number in (1, 2)]
    with refused("import-ends-many"):
        await import_persons(file(*rows), uow)


async def test_roles_for_the_whole_region_are_listed_those_that_are_given_first() -> None:
    uow = knowing()
    rows = [
        row(1, role="auditor", unit_id=""),
        row(5, unit_id="rehab"),
        row(9, role="approver", unit_id=""),
    ]
    done = await import_persons(file(*rows, dry_run=True), uow)
    assert done.region_roles == (
        RegionRoleChange("given", "approver", "p-0009"),
        RegionRoleChange("given", "auditor", "p-0001"),
        RegionRoleChange("ended", "administrator", "p-0005"),
    )
    assert kinds(done)["p-0005"] == "changed"


IDP = "https://idp.example.se"
PROVIDER = provider(name="idp", issuer=IDP)


async def roles_of(uow: FakeUnitOfWork, person_id: str) -> set[str]:
    """The roles that a person's token has."""
    identity = Identity(
        PROVIDER, person_id, person_id, None, None, "portal", frozenset(), frozenset()
    )
    return {one.role for one in (await grant_of(identity, uow)).held}


def signed_in(uow: FakeUnitOfWork, person_id: str | None, subject: str) -> UUID:
    account = Account(uuid4(), person_id)
    uow.store.accounts[IDP, subject] = account
    uow.store.identities[IDP, subject] = KnownIdentity(uuid4(), IDP, subject, date.min, date.min)
    return account.account_id


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("role", ["approver", "auditor", "operator", "strategist"])
async def test_nobody_gives_themselves_a_role_for_the_whole_region(
    role: str, dry_run: bool
) -> None:
    uow = knowing()
    own = signed_in(uow, "p-0005", "p-0005")
    rows = [row(5, role="administrator", unit_id=""), row(5, role=role, unit_id="")]
    with refused("own-region-role"):
        await import_persons(file(*rows, account_id=own, dry_run=dry_run), uow)
    assert await roles_of(uow, "p-0005") == {"administrator"}
    other = signed_in(uow, "p-0009", "p-0009")
    await import_persons(file(*rows, account_id=other), uow)
    assert await roles_of(uow, "p-0005") == {"administrator", role}


async def test_nobody_ends_their_own_role_for_the_whole_region() -> None:
    uow = many(20)
    uow.store.people["p-0005"] = person(5, ("administrator", ""))
    own = signed_in(uow, "p-0005", "p-0005")
    all_but_own = [row for row in listing(*range(1, 21)) if row["person_id"] != "p-0005"]
    with refused("own-region-role"):
        await import_persons(file(*all_but_own, complete=True, account_id=own), uow)


async def test_who_is_not_known_as_a_person_gains_nothing_by_importing_themselves() -> None:
    uow = knowing()
    own = signed_in(uow, None, "p-0009")
    rows = [row(9, role="approver", unit_id=""), row(9), row(8, role="auditor", unit_id="")]
    await import_persons(file(*rows, account_id=own), uow)
    assert await roles_of(uow, "p-0009") == {"employee"}
    assert await roles_of(uow, "p-0008") == set()
    await import_persons(file(*rows, account_id=own), uow)
    assert await roles_of(uow, "p-0009") == {"employee"}
    other = signed_in(uow, "p-0005", "p-0005")
    await import_persons(file(*rows, account_id=other), uow)
    assert await roles_of(uow, "p-0009") == {"employee", "approver"}
    assert await roles_of(uow, "p-0008") == {"auditor"}


def announced(uow: FakeUnitOfWork) -> list[str]:
    units = [event.unit_id for event in uow.store.recorded if isinstance(event, MembersJoined)]
    uow.store.recorded.clear()
    return units


async def test_units_are_told_once_that_somebody_joined_and_only_then() -> None:
    uow = knowing()
    joining = [row(9), row(8), row(1), row(2, unit_id="rehab", language="en")]
    await import_persons(file(*joining, dry_run=True), uow)
    assert announced(uow) == []
    await import_persons(file(*joining), uow)
    assert announced(uow) == ["heart"]
    await import_persons(file(*joining), uow)
    await import_persons(file(row(7, role="facilitator")), uow)
    now = row(6, role="administrator", unit_id="rehab")
    await import_persons(file(now, row(6, valid_from="2026-09-01")), uow)
    assert announced(uow) == []


async def test_who_joins_on_a_later_day_is_told_on_that_day() -> None:
    uow = knowing()
    await announce_joiners(uow)
    now, later = row(1, unit_id="rehab"), row(1, unit_id="lab", valid_from="2026-03-04")
    await import_persons(file(now, later), uow)
    await announce_joiners(uow)
    assert announced(uow) == []
    uow.store.now = NOW + timedelta(days=3)
    await announce_joiners(uow)
    await announce_joiners(uow)
    assert announced(uow) == ["lab"]
