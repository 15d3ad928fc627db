"""What services find wrong in what is entered by hand has a text."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from people_service.domain import by_hand
from people_service.domain.dissolution import Dissolution
from people_service.domain.errors import DomainError as PeopleError
from people_service.domain.person import Assignment, Person
from portal_service.domain.faults import OTHER, worded
from workflow_service.domain.errors import DomainError as WorkflowError
from workflow_service.domain.organisation.unit import Unit, UnitFacts
from workflow_service.domain.organisation.unit_change import (
    Change,
    Dissolve,
    Merge,
    Move,
    NewUnit,
    PlannedChange,
    Split,
    check_day,
    outcome,
)

TODAY = date(2026, 10, 1)
ENDED = Dissolution("rehab", TODAY, "heart")
PERSON = Person("p-0001", "Sample Person", "", "sv", frozenset())
UNITS = {
    "region": Unit(UnitFacts("region", "Region", "region", None, 0), 1),
    "heart": Unit(UnitFacts("heart", "Heart", "division", "region", 0), 1),
    "rehab": Unit(UnitFacts("rehab", "Rehab", "unit", "heart", 9), 1),
    "ended": Unit(UnitFacts("ended", "Ended", "unit", "heart", 9), 1, dissolved_on=TODAY),
}


def _details(act: Callable[[], object]) -> list[str]:
    try:
        act()
    except (PeopleError, WorkflowError) as error:
        return [str(one["detail"]) for one in error.errors]
    raise AssertionError("nothing is wrong with it")


@pytest.mark.parametrize(
    "change",
    [
        Move("none", "heart"),
        Move("ended", "heart"),
        Move("heart", "rehab"),
        Move("ended", "region"),
        Dissolve("heart"),
        Merge(("rehab",), "rehab"),
        Split("rehab", (NewUnit("heart", "Heart", 1),)),
    ],
)
def test_every_fault_of_a_change_of_units(change: Change) -> None:
    planned = PlannedChange(uuid4(), change, TODAY, "x", "a", datetime.now(UTC))
    details = _details(lambda: outcome(planned, UNITS))
    assert [one for one in details if worded(one)[0] == OTHER] == []
    assert details


def test_a_parent_whose_journey_is_under_way_and_a_day_that_is_none() -> None:
    planned = PlannedChange(uuid4(), Move("heart", "rehab"), TODAY, "x", "a", datetime.now(UTC))
    busy = _details(lambda: outcome(planned, UNITS, ["rehab"]))
    late = _details(lambda: check_day(date(2020, 1, 1), TODAY))
    texts = [worded(one) for one in (*busy, *late)]
    assert OTHER not in [text for text, _ in texts]
    assert texts[1][1] == {"first": "2026-09-17", "last": "2028-10-02"}


def test_every_fault_of_a_person() -> None:
    wrong = [replace(PERSON, email=email) for email in ("a", "ä@b.se", "x" * 70 + "@b.se")]
    wrong += [replace(PERSON, phone="1"), replace(PERSON, hsa_id="1")]
    wrong += [replace(PERSON, name="a\nb"), replace(PERSON, person_id="å")]
    details = [each for one in wrong for each in _details(lambda one=one: by_hand.checked(one))]  # type: ignore[misc]
    assert len(details) == len(wrong)
    assert [one for one in details if worded(one)[0] == OTHER] == []


def test_every_fault_of_a_role() -> None:
    held = Assignment("manager", "rehab", TODAY, None, source="hand")
    details = [
        *_details(lambda: by_hand.with_given(PERSON, replace(held, unit_id=""), TODAY)),
        *_details(lambda: by_hand.with_given(PERSON, replace(held, role="auditor"), TODAY)),
        *_details(
            lambda: by_hand.with_given(PERSON, replace(held, valid_to=date(2026, 1, 1)), TODAY)
        ),
        *_details(lambda: by_hand.check_unit(held, False, None)),
        *_details(lambda: by_hand.check_unit(held, True, ENDED)),
        *_details(lambda: by_hand.with_ended(PERSON, "manager", "x", date(2026, 1, 1), TODAY)),
    ]
    assert len(details) > 6
    assert [one for one in details if worded(one)[0] == OTHER] == []
