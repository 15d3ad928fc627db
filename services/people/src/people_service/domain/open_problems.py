"""What keeps people from what they should get: somebody has to correct it in a source."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Literal

from people_service.domain.person import Person

ProblemKind = Literal["ids-differ-in-case", "unit-unknown", "address-missing"]

_LISTED = 20
"""Ids that one problem lists; all are counted."""


@dataclass(frozen=True, slots=True, order=True)
class OpenProblem:
    """`ids` are of people, the first 20 of `count`; `unit_id` is None if it is not about a unit.

    One of people without an address has no ids: that they need a code is no fault of theirs.
    """

    kind: ProblemKind
    unit_id: str | None
    ids: tuple[str, ...]
    count: int


def open_problems(
    assigned: Mapping[str, AbstractSet[str]], units: AbstractSet[str]
) -> list[OpenProblem]:
    """The problems in order. `assigned` has each person's units, `units` those that there are."""
    return [
        *(_problem("ids-differ-in-case", None, same) for same in _equal_but_for_case(assigned)),
        *(
            _problem("unit-unknown", unit_id, people)
            for unit_id, people in sorted(_by_unit(assigned).items())
            if unit_id not in units
        ),
    ]


def unreachable(people: Iterable[Person], day: date) -> list[OpenProblem]:
    """How many employees of each unit have no mail address. It does not say who."""
    counted = Counter(unit for one in people if not one.email for unit in one.employed_in(day))
    return [
        OpenProblem("address-missing", unit_id, (), count)
        for unit_id, count in sorted(counted.items())
    ]


def _problem(kind: ProblemKind, unit_id: str | None, ids: Iterable[str]) -> OpenProblem:
    everyone = sorted(ids)
    return OpenProblem(kind, unit_id, tuple(everyone[:_LISTED]), len(everyone))


def _equal_but_for_case(ids: Iterable[str]) -> list[list[str]]:
    folded: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        folded[one.casefold()].append(one)
    return sorted(sorted(same) for same in folded.values() if len(same) > 1)


def _by_unit(assigned: Mapping[str, AbstractSet[str]]) -> dict[str, list[str]]:
    people: dict[str, list[str]] = defaultdict(list)
    for person_id, units in assigned.items():
        for unit_id in units:
            people[unit_id].append(person_id)
    return people
