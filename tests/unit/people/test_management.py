"""What others hear of a unit's managers: that it has some, others, or none; never who."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from people_service.application.commands import FindAudience, ForgetPerson
from people_service.application.handlers import find_audience, forget_person
from people_service.application.management import announce_managers
from people_service.domain.management import Management, UnitManagerChanged, changed_managements
from people_service.domain.person import Assignment
from unit.people.builders import NOW, person
from unit.people.fakes import FakeUnitOfWork, Store

TODAY = NOW.date()
ANNA, BO = "p-0001", "p-0002"


def known(*managers: str) -> dict[str, Management]:
    return {"rehab": Management("rehab", frozenset(managers), frozenset(), 4)}


@pytest.mark.parametrize(
    ("before", "now", "change", "newcomers"),
    [
        ([], [ANNA], "appointed", [ANNA]),
        ([ANNA], [BO], "changed", [BO]),
        ([ANNA], [ANNA, BO], "changed", [BO]),
        ([ANNA, BO], [BO], "changed", []),
        ([ANNA], [], "vacant", []),
    ],
)
def test_a_change_is_one_version_and_names_nobody(
    before: list[str], now: list[str], change: str, newcomers: list[str]
) -> None:
    ((after, event),) = changed_managements(known(*before), {"rehab": set(now)})
    assert after == Management("rehab", frozenset(now), frozenset(newcomers), 5)
    assert event == UnitManagerChanged("rehab", change, 5)  # type: ignore[arg-type]


def test_the_first_word_about_a_unit_is_version_1_and_none_is_said_of_what_stays() -> None:
    ((_, event),) = changed_managements(known(ANNA), {"rehab": {ANNA}, "heart": {BO}})
    assert event == UnitManagerChanged("heart", "appointed", 1)
    assert changed_managements(known(), {}) == []


async def test_who_comes_and_goes_with_the_day_is_announced_once_at_midnight_in_sweden() -> None:
    leaves = Assignment("manager", "rehab", None, TODAY)
    comes = Assignment("manager", "rehab", TODAY + timedelta(days=3), date(2027, 1, 1))
    uow = FakeUnitOfWork(
        Store(
            people={
                ANNA: replace(person(1), assignments=frozenset({leaves})),
                BO: replace(person(2), assignments=frozenset({comes})),
            }
        )
    )
    midnight = NOW.replace(hour=23, minute=0)  # In Sweden, in winter.
    for now, events in (
        (NOW, ["appointed"]),
        (midnight - timedelta(seconds=1), ["appointed"]),
        (midnight, ["appointed", "vacant"]),
        (midnight + timedelta(days=2), ["appointed", "vacant", "appointed"]),
    ):
        uow.store.now = now
        for _ in range(2):
            await announce_managers(uow)
        said = [one.change for one in uow.store.recorded if isinstance(one, UnitManagerChanged)]
        assert said == events
    assert await find_audience(FindAudience("new_managers", "rehab"), uow) == [BO]


async def test_a_deleted_manager_leaves_the_unit_vacant_at_once() -> None:
    uow = FakeUnitOfWork(Store(people={ANNA: person(1, ("manager", "rehab"))}))
    await announce_managers(uow)
    await forget_person(ForgetPerson(ANNA, "admin"), uow)
    assert uow.store.recorded[1:] == [UnitManagerChanged("rehab", "vacant", 2)]
    assert await find_audience(FindAudience("new_managers", "rehab"), uow) == []


async def test_who_left_again_is_no_new_manager() -> None:
    uow = FakeUnitOfWork(Store(people={ANNA: person(1, ("manager", "rehab"))}))
    await announce_managers(uow)
    uow.store.people = {}
    assert await find_audience(FindAudience("new_managers", "rehab"), uow) == []
