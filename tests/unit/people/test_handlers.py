"""Whom something is for, and what is known of units and their managers."""

from dataclasses import replace
from datetime import timedelta

import pytest

from people_service.application import handlers
from people_service.application.commands import (
    Audience,
    FindAudience,
    ForgetPerson,
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


def knowing() -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in PEOPLE}))


async def test_a_forgotten_person_is_unknown_afterwards() -> None:
    uow = knowing()
    await handlers.forget_person(ForgetPerson("p-0001", "admin"), uow)
    assert "p-0001" not in uow.store.people
    with refused("unknown-person"):
        await handlers.forget_person(ForgetPerson("p-0001", "admin"), uow)


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
