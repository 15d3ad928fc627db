"""What an import does, whom something is for, and what is known of units and their managers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from people_service.application import handlers
from people_service.application.commands import (
    Audience,
    FindAudience,
    ForgetPerson,
    ImportPersons,
    RememberManager,
    RememberUnit,
)
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person, refused
from unit.people.fakes import FakeUnitOfWork, Store

PEOPLE = [
    person(1),
    person(2),
    person(3, ("manager", "rehab")),
    person(4, ("manager", "heart")),
    person(5, ("administrator", "")),
    person(6, ("administrator", "rehab")),
]
OTHERS = ("p-0002", "p-0003", "p-0004", "p-0005", "p-0006")


def knowing() -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in PEOPLE}))


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
    }
    return values | changes


def importing(*more: dict[str, str], dry_run: bool = False) -> ImportPersons:
    """A file that changes p-0001, adds p-0009, and has more rows."""
    rows = [row(1, language="en", unit_id="rehab"), row(9), *more]
    return ImportPersons(list(enumerate(rows, 2)), [], dry_run)


async def test_a_dry_run_returns_what_the_import_does() -> None:
    uow = knowing()
    await handlers.remember_unit(RememberUnit("rehab", 1), uow)
    before = dict(uow.store.people)
    preview = await handlers.import_persons(importing(dry_run=True), uow)
    assert uow.store.people == before
    done = await handlers.import_persons(importing(), uow)
    assert done == preview
    assert [one.person_id for one in done.plan.added] == ["p-0009"]
    assert [(one.person_id, f) for one, f in done.plan.changed] == [("p-0001", ("language",))]
    assert done.plan.absent == OTHERS
    assert done.unknown_units == ("heart",)
    assert uow.store.people["p-0001"].language == "en"
    again = await handlers.import_persons(importing(), uow)
    assert (again.plan.added, again.plan.changed, again.plan.unchanged) == ((), (), 2)


async def test_another_last_day_is_a_change() -> None:
    uow = knowing()
    limited = importing(row(2, unit_id="rehab", valid_to="2026-05-31"))
    done = await handlers.import_persons(limited, uow)
    assert [(one.person_id, f) for one, f in done.plan.changed][1] == ("p-0002", ("assignments",))
    again = await handlers.import_persons(limited, uow)
    assert (again.plan.changed, again.plan.unchanged) == ((), 3)


async def test_an_import_warns_of_what_still_keeps_mails_from_people() -> None:
    uow = knowing()
    for unit in ("rehab", "heart"):
        await handlers.remember_unit(RememberUnit(unit, 1), uow)
    await handlers.remember_manager(RememberManager("heart", "P-0004", 1), uow)
    preview = await handlers.import_persons(importing(dry_run=True), uow)
    assert [(p.kind, p.unit_id, p.ids) for p in preview.problems] == [
        ("manager-unknown", "heart", ("P-0004",)),
        ("ids-differ-in-case", None, ("P-0004", "p-0004")),
    ]
    corrected = row(4, person_id="P-0004", role="manager")
    done = await handlers.import_persons(importing(corrected), uow)
    assert [p.kind for p in done.problems] == ["ids-differ-in-case"]


async def test_a_faulty_file_changes_nothing() -> None:
    uow = knowing()
    before = dict(uow.store.people)
    with refused("import-invalid"):
        await handlers.import_persons(importing(row(10, name="", email="x")), uow)
    assert uow.store.people == before


async def test_a_forgotten_person_is_unknown_afterwards() -> None:
    uow = knowing()
    await handlers.forget_person(ForgetPerson("p-0001"), uow)
    assert "p-0001" not in uow.store.people
    with refused("unknown-person"):
        await handlers.forget_person(ForgetPerson("p-0001"), uow)


@pytest.mark.parametrize(
    ("audience", "unit_id", "expected"),
    [
        ("unit", "rehab", ["p-0001", "p-0002", "p-0003"]),
        ("unit", "unknown", []),
        ("unit_managers", "rehab", ["p-0003"]),
        ("managers", None, ["p-0003", "p-0004"]),
        ("managers", "rehab", ["p-0003", "p-0004"]),
        ("administrators", None, ["p-0005"]),
    ],
)
async def test_an_audience(audience: Audience, unit_id: str | None, expected: list[str]) -> None:
    assert await handlers.find_audience(FindAudience(audience, unit_id), knowing()) == expected


@pytest.mark.parametrize("audience", ["unit", "unit_managers"])
async def test_the_audience_of_one_unit_needs_its_id(audience: Audience) -> None:
    with refused("unit-missing") as caught:
        await handlers.find_audience(FindAudience(audience, None), knowing())
    assert audience in caught.value.detail


async def test_an_audience_is_of_today_in_sweden() -> None:
    uow = knowing()
    until_today = Assignment("employee", "lab", None, NOW.date())
    uow.store.people["p-0007"] = replace(person(7), assignments=frozenset({until_today}))
    late_evening_in_utc = NOW.replace(hour=22, minute=59)
    for now, expected in (
        (late_evening_in_utc, ["p-0007"]),
        (late_evening_in_utc + timedelta(minutes=1), []),
    ):
        uow.store.now = now
        assert await handlers.find_audience(FindAudience("unit", "lab"), uow) == expected


async def test_the_newest_manager_of_the_workflow_service_counts() -> None:
    uow = knowing()
    for manager, version in (("p-0004", 2), ("p-0003", 1)):
        await handlers.remember_manager(RememberManager("rehab", manager, version), uow)
    assert await handlers.find_audience(FindAudience("unit_managers", "rehab"), uow) == ["p-0004"]
