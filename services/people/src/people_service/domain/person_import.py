"""What a person file changes.

A file is true for the persons that it lists, and a complete file for everybody, from today on: an
assignment that it no longer has ends yesterday and is kept as history. Assignments of other sources
are not the file's affair.
"""

from collections.abc import Iterable, Mapping, Set, Sized
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, get_args

from people_service.domain.person import Assignment, Person
from people_service.domain.roles import RoleName

ChangeKind = Literal["added", "returned", "ended", "moved", "changed"]
RegionRoleKind = Literal["given", "confirmed", "changed", "ended"]
_MANY = 10  # per cent of those who hold something today
_BOUND_TO_UNITS: tuple[RoleName, ...] = ("employee", "manager")
_SEEN = 10  # persons who move
_SOON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PersonChange:
    """`before` is None for a new person. Both have the assignments of every source."""

    kind: ChangeKind
    before: Person | None
    after: Person


@dataclass(frozen=True, slots=True)
class RegionRoleChange:
    """What the file does to somebody's role for the whole region.

    `confirmed`: another account gave it, and nobody has confirmed it before. `changed`: it has
    other days.
    """

    kind: RegionRoleKind
    role: RoleName
    person_id: str


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do.

    `absent` are ids of persons who hold something by earlier files, and whom this one does not
    list: they keep it. `holding` counts who holds something today by earlier files.
    """

    changes: tuple[PersonChange, ...]
    unchanged: int
    absent: tuple[str, ...]
    holding: int

    @property
    def saved(self) -> list[Person]:
        """The persons as they are afterwards, where they differ."""
        return [change.after for change in self.changes]

    @property
    def numbers(self) -> dict[ChangeKind, int]:
        """How many persons have each kind of change; each has one."""
        kinds = [change.kind for change in self.changes]
        return {kind: kinds.count(kind) for kind in get_args(ChangeKind)}

    @property
    def ended(self) -> list[str]:
        """Ids of those who hold something today, and soon hold nothing by files any more."""
        return [one.after.person_id for one in self.changes if one.kind == "ended"]

    @property
    def moved(self) -> list[str]:
        """Ids of those who would work in, or manage, other units."""
        return [one.after.person_id for one in self.changes if one.kind == "moved"]

    @property
    def ends_many(self) -> bool:
        """Whether more than 10 % of those who hold something today would hold nothing
        from a day within 30 days on: a last day soon is no way around."""
        return self._are_many(self.ended)

    @property
    def moves_many(self) -> bool:
        """Whether more than 10 % of those who hold something today, and ten or more, would work in
        other units, from a day within 30 days on: fewer are seen in a preview."""
        return self._are_many(self.moved) and len(self.moved) >= _SEEN

    def _are_many(self, persons: Sized) -> bool:
        return len(persons) * 100 > self.holding * _MANY


def plan_import(
    known: Mapping[str, Person], wanted: Iterable[Person], today: date, complete: bool = False
) -> ImportPlan:
    """Compare the file with what is known, by person id. `complete`: it lists everybody."""
    listed = {person.person_id: person for person in wanted}
    pairs = [(known.get(id_), _merged(known.get(id_), one, today)) for id_, one in listed.items()]
    absent = [
        person
        for id_, person in known.items()
        if id_ not in listed and not all(one.is_over(today) for one in _by_file(person))
    ]
    changes = [change for pair in pairs if (change := _change(*pair, today))]
    unchanged = len(listed) - len(changes)
    if complete:
        gone = ((person, _with(person, _kept(_by_file(person), today))) for person in absent)
        changes += [change for pair in gone if (change := _change(*pair, today))]
    return ImportPlan(
        changes=tuple(changes),
        unchanged=unchanged,
        absent=() if complete else tuple(person.person_id for person in absent),
        holding=sum(_holds(_by_file(person), today) for person in known.values()),
    )


def region_role_changes(plan: ImportPlan, today: date) -> list[RegionRoleChange]:
    """What the file does to roles for the whole region, in the order of the kinds."""
    found = []
    for change in plan.changes:
        before, after = _region_roles(change.before, today), _region_roles(change.after, today)
        for role in before.keys() | after.keys():
            if before.get(role) != after.get(role):
                kind: RegionRoleKind = "ended" if role in before else "given"
                if role in before and role in after:
                    kind = "changed"
                found.append(RegionRoleChange(kind, role, change.after.person_id))
    return in_order(found)


def in_order(changes: Iterable[RegionRoleChange]) -> list[RegionRoleChange]:
    """By kind, role and person."""
    kinds = get_args(RegionRoleKind)
    return sorted(changes, key=lambda one: (kinds.index(one.kind), one.role, one.person_id))


def listed_region_roles(persons: Iterable[Person], today: date) -> set[tuple[str, RoleName]]:
    """Person ids with the roles for the whole region that a file has for them, and not as over."""
    return {
        (person.person_id, one.role)
        for person in persons
        for one in person.assignments
        if not one.unit_id and not one.is_over(today)
    }


def _region_roles(
    person: Person | None, today: date
) -> dict[RoleName, set[tuple[date | None, date | None]]]:
    """First and last days of each, where they are not over."""
    found: dict[RoleName, set[tuple[date | None, date | None]]] = {}
    for one in _by_file(person) if person else ():
        if not one.unit_id and not one.is_over(today):
            found.setdefault(one.role, set()).add((one.valid_from, one.valid_to))
    return found


def _by_file(person: Person) -> frozenset[Assignment]:
    return person.as_from("import").assignments


def _with(person: Person, by_file: Set[Assignment]) -> Person:
    """The person with these assignments from files, and those of other sources as they are."""
    others = person.assignments - _by_file(person)
    return replace(person, assignments=others | by_file)


def _merged(known: Person | None, listed: Person, today: date) -> Person:
    """The listed person, with what is known of the past. A new assignment of a known person begins
    today, unless the file says when."""
    if known is None:
        return listed
    listed = listed.completed_by(known)
    stored, wanted = _by_file(known), listed.assignments
    if stored == wanted:
        return replace(listed, assignments=known.assignments)
    left = sorted(stored - wanted)
    after = stored & wanted
    for one in sorted(wanted - stored):
        same = next((each for each in left if _continues(each, one, today)), None)
        if same:
            left.remove(same)
        after |= {_dated(one, same, today)}
    both = _with(known, after | _kept(left, today))
    return replace(listed, assignments=both.assignments)


def _continues(stored: Assignment, listed: Assignment, today: date) -> bool:
    """Whether the file has the same assignment, with other days."""
    same = (stored.role, stored.unit_id) == (listed.role, listed.unit_id)
    return same and not stored.is_over(today)


def _dated(listed: Assignment, stored: Assignment | None, today: date) -> Assignment:
    """Where the file gives no first day, that of the stored one stays."""
    if listed.valid_from or (stored is None and listed.is_over(today)):
        return listed
    first = stored.valid_from if stored else today
    if first and listed.valid_to and listed.valid_to < first:
        return listed
    return replace(listed, valid_from=first)


def _kept(left: Iterable[Assignment], today: date) -> frozenset[Assignment]:
    """What stays of assignments that the file no longer has: those that are over as they are, the
    others until yesterday. One that begins today or later has no day left, and goes."""
    yesterday = today - timedelta(days=1)
    return frozenset(
        one if one.is_over(today) else replace(one, valid_to=yesterday)
        for one in left
        if one.is_over(today) or one.valid_from is None or one.valid_from < today
    )


def _change(before: Person | None, after: Person, today: date) -> PersonChange | None:
    if before is None:
        return PersonChange("added", None, after)
    if before == after:
        return None
    return PersonChange(_kind(_by_file(before), _by_file(after), today), before, after)


def _kind(before: Set[Assignment], after: Set[Assignment], today: date) -> ChangeKind:
    held, holds = _holds(before, today), _holds(after, today)
    without, until = _first_day_without(after, today), _first_day_without(before, today)
    if held and without <= today + _SOON and without < until:
        return "ended"
    if holds and not held and any(one.is_over(today) for one in before):
        return "returned"
    days = {today, *(one.valid_from for one in after if one.valid_from)}
    soon = [day for day in days if today <= day <= today + _SOON]
    return "moved" if any(_is_elsewhere(before, after, day) for day in soon) else "changed"


def _holds(by_file: Iterable[Assignment], today: date) -> bool:
    return any(one.holds_on(today) for one in by_file)


def _first_day_without(by_file: Set[Assignment], today: date) -> date:
    """The first day from today on, on which nothing holds; `date.max` if there is none."""
    one_day, day = timedelta(days=1), today
    while holding := [one.valid_to or date.max for one in by_file if one.holds_on(day)]:
        if max(holding) == date.max:
            return date.max
        day = max(holding) + one_day
    return day


def _is_elsewhere(before: Set[Assignment], after: Set[Assignment], day: date) -> bool:
    """Whether somebody works in, or manages, other units on that day than without the file."""
    for role in _BOUND_TO_UNITS:
        old, new = _units(before, role, day), _units(after, role, day)
        if old and new and old != new:
            return True
    return False


def _units(by_file: Iterable[Assignment], role: RoleName, day: date) -> set[str]:
    return {one.unit_id for one in by_file if one.role == role and one.holds_on(day)}
