"""What keeps people from what they should get: somebody has to correct it in a source."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal["manager-unknown", "ids-differ-in-case", "unit-unknown"]

_LISTED = 20
"""Ids that one problem lists; all are counted."""


@dataclass(frozen=True, slots=True, order=True)
class OpenProblem:
    """`ids` are of people, the first 20 of `count`; `unit_id` is None if it is not about a unit."""

    kind: ProblemKind
    unit_id: str | None
    ids: tuple[str, ...]
    count: int


def open_problems(
    assigned: Mapping[str, AbstractSet[str]], managers: Mapping[str, str], units: AbstractSet[str]
) -> list[OpenProblem]:
    """The problems in order, those that surely lose mails first.

    `assigned` has each person's units, `managers` the manager whom the workflow service names
    for a unit, `units` the units that it has.
    """
    return [
        *(
            _problem("manager-unknown", unit_id, [manager_id])
            for unit_id, manager_id in sorted(managers.items())
            if manager_id not in assigned
        ),
        *(
            _problem("ids-differ-in-case", None, same)
            for same in _equal_but_for_case({*assigned, *managers.values()})
        ),
        *(
            _problem("unit-unknown", unit_id, people)
            for unit_id, people in sorted(_by_unit(assigned).items())
            if unit_id not in units
        ),
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
