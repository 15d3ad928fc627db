"""Which units of a rollout are reported together: what the page shows, and its form.

Groups are lists of unit ids. The form has a field for the number of each unit's group, empty for a
unit that is reported by itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal_service.domain.document_form import faults_of
from portal_service.domain.forms import whole_number

Groups = Sequence[Sequence[str]]
_FIELD = "group-"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """`number` is None for a group that stays as it is."""

    number: int | None
    units: list[Mapping[str, Any]]

    @property
    def people(self) -> int:
        return sum(unit["headcount"] for unit in self.units)


class Overview:
    """What the assessment service knows of a rollout's groups."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self.units: dict[str, Mapping[str, Any]] = {one["unit_id"]: one for one in found["units"]}
        self.groups: Groups = found["groups"]
        self.proposal: Groups = found["proposal"]
        self.left_over: list[str] = found["left_over"]
        self.least_people: int = found["least_people"]
        self.least_answers: int = found["least_answers"]
        begun = {one["unit_id"] for one in found["units"] if one["has_begun"]}
        self.fixed = begun | {u for g in self.groups if not begun.isdisjoint(g) for u in g}
        self.free_groups = [group for group in self.groups if self.fixed.isdisjoint(group)]

    @property
    def as_proposed(self) -> bool:
        return _sets(self.free_groups) == _sets(self.proposal)

    @property
    def proposed_numbers(self) -> dict[str, str]:
        """What the fields have if the proposal is used."""
        apart = {unit_id: "" for group in self.free_groups for unit_id in group}
        return apart | numbers_of(self.proposal)

    def shown(self, groups: Groups) -> list[ShownGroup]:
        """With the units' names and people, those that stay last."""
        free = [group for group in groups if self.fixed.isdisjoint(group)]
        stay = [group for group in groups if not self.fixed.isdisjoint(group)]
        numbered = [ShownGroup(number, self._units(one)) for number, one in enumerate(free, 1)]
        return [*numbered, *(ShownGroup(None, self._units(one)) for one in stay)]

    def without_group(self, groups: Groups) -> list[Mapping[str, Any]]:
        """Units that are too small, in none of the groups, and have not begun."""
        joined = self.fixed | _members(groups)
        return [
            unit
            for unit_id, unit in self.units.items()
            if unit_id not in joined and self._is_small(unit)
        ]

    def taken_out(self, groups: Groups) -> list[str]:
        """Names of units that are in a group now, and would be in none of these."""
        return self.names(_members(self.groups) - _members(groups))

    def rows(self, numbers: Mapping[str, str], show_all: bool) -> list[Mapping[str, Any]]:
        """Units of the form: those that are small or have a field, or all that have not begun."""
        return [
            unit
            for unit_id, unit in self.units.items()
            if unit_id not in self.fixed
            and (show_all or unit_id in numbers or self._is_small(unit))
        ]

    def begun(self, show_all: bool) -> list[str]:
        """Names of units whose group stays: those that are small or in a group, or all."""
        joined = _members(self.groups)
        return [
            unit["name"]
            for unit_id, unit in self.units.items()
            if unit_id in self.fixed and (show_all or unit_id in joined or self._is_small(unit))
        ]

    def names(self, unit_ids: Iterable[str]) -> list[str]:
        return [unit["name"] for unit in self._units(unit_ids)]

    def differences(self, mine: Groups, theirs: Groups) -> list[tuple[str, str, str]]:
        """Each unit that is joined with others here than there: its name, and those others."""
        here, there = _partners(mine), _partners(theirs)
        return [
            (unit["name"], *(", ".join(self.names(one.get(unit_id, ()))) for one in (here, there)))
            for unit_id, unit in self.units.items()
            if here.get(unit_id) != there.get(unit_id)
        ]

    def _units(self, unit_ids: Iterable[str]) -> list[Mapping[str, Any]]:
        """A unit that is dissolved has no people, and is called by its id."""
        found = [
            self.units.get(one, {"unit_id": one, "name": one, "headcount": 0}) for one in unit_ids
        ]
        return sorted(found, key=lambda unit: (unit["name"], unit["unit_id"]))

    def _is_small(self, unit: Mapping[str, Any]) -> bool:
        return unit["headcount"] in range(1, self.least_answers)


def packed(groups: Groups) -> str:
    """As a form carries them."""
    return ";".join(" ".join(group) for group in groups)


def unpacked(text: str) -> list[list[str]]:
    return [group.split() for group in text.split(";") if group.split()]


def numbers_of(groups: Groups) -> dict[str, str]:
    """What the fields of the form have for these groups, by unit."""
    return {unit_id: str(number) for number, group in enumerate(groups, 1) for unit_id in group}


def typed_numbers(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by unit."""
    return {
        name.removeprefix(_FIELD): text.strip()
        for name, text in typed.items()
        if name.startswith(_FIELD)
    }


def wrong_in(numbers: Mapping[str, str]) -> list[str]:
    """Units whose field has something else than a whole number."""
    return [one for one, text in numbers.items() if text and whole_number(text) is None]


def joined_by(numbers: Mapping[str, str], seen: Groups) -> list[list[str]]:
    """All groups as typed; those of `seen` that the form has no field for stay as they were."""
    groups: dict[int, list[str]] = {}
    for unit_id, text in numbers.items():
        if (number := whole_number(text)) is not None:
            groups.setdefault(number, []).append(unit_id)
    stay = [list(group) for group in seen if numbers.keys().isdisjoint(group)]
    return [*stay, *(groups[number] for number in sorted(groups))]


def faults_in(groups: Groups, errors: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The details of what the service found, by unit; a fault of a group is one of its units."""
    found: dict[str, list[str]] = {}
    for pointer, detail in faults_of(errors):
        index, _, place = pointer.removeprefix("/groups/").partition("/")
        group = groups[int(index)] if index.isdecimal() and int(index) < len(groups) else ()
        units = [group[int(place)]] if place.isdecimal() and int(place) < len(group) else group
        for unit_id in units:
            found.setdefault(unit_id, []).append(detail)
    return found


def _sets(groups: Groups) -> set[frozenset[str]]:
    return {frozenset(group) for group in groups}


def _members(groups: Groups) -> set[str]:
    return {unit_id for group in groups for unit_id in group}


def _partners(groups: Groups) -> dict[str, frozenset[str]]:
    return {one: frozenset(group) - {one} for group in groups for one in group}
