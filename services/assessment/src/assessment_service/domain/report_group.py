"""Report groups: units that are too small to be shown alone are joined before their rounds open,
and have one result together."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from uuid import UUID, uuid5

from assessment_service.domain.errors import DomainError
from assessment_service.domain.round import UnitSnapshot
from assessment_service.domain.unit_tree import UnitTree

_RESPONSE = 0.7
"""So many of a group's people are expected to answer at least."""


@dataclass(frozen=True, slots=True)
class ReportGroup:
    """Units of one rollout that are reported together, on every occasion."""

    group_id: UUID
    unit_ids: tuple[str, ...]

    @classmethod
    def of(cls, rollout_id: UUID, unit_ids: Iterable[str]) -> "ReportGroup":
        """The same units of a rollout always have the same id."""
        ordered = tuple(sorted(unit_ids))
        return cls(uuid5(rollout_id, "|".join(ordered)), ordered)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Groups in which each small unit could be, and the units that nothing is near to."""

    groups: tuple[tuple[str, ...], ...]
    left_over: tuple[str, ...]


def least_people(k: int) -> int:
    """How many people a group needs, so that k of them answer."""
    return ceil(k / _RESPONSE)


def propose(units: Sequence[UnitSnapshot], k: int) -> Proposal:
    """Join each unit with fewer than k people to the nearest units of the tree.

    First to small units with the same unit above. If they are too few people together: to the
    smallest other unit beside them, and only without one to units further away, because a unit
    above some of a group's units, but not all, has no result.
    """
    tree, by_id = UnitTree(unit.path for unit in units), {unit.unit_id: unit for unit in units}
    waiting = {unit.unit_id: [unit] for unit in units if 0 < unit.headcount < k}
    groups: list[list[UnitSnapshot]] = []
    left_over: list[UnitSnapshot] = []
    for above in tree.bottom_up():
        beside = [by_id[child] for child in tree.children(above) if child in by_id]
        small = [unit for child in tree.children(above) for unit in waiting.pop(child, ())]
        made, rest = _filled(small, least_people(k))
        groups += made
        if not rest:
            continue
        large = [[unit] for unit in beside if unit.headcount >= k]
        if nearest := made or large:
            _join(min(nearest, key=_order), rest, groups)
        elif tree.parent(above) is None:
            left_over += rest
        else:
            waiting[above] = rest
    for root in tree.roots:
        left_over += waiting.pop(root, ())
    left_over = [unit for unit in left_over if not _joined_to_nearest(unit, units, groups, k)]
    return Proposal(
        tuple(sorted(tuple(sorted(unit.unit_id for unit in group)) for group in groups)),
        tuple(sorted(unit.unit_id for unit in left_over)),
    )


def check(
    groups: Sequence[Collection[str]],
    units: Mapping[str, UnitSnapshot],
    k: int,
    before: Iterable[Collection[str]] = (),
) -> None:
    """`units` are those of the rollout. Groups that were there `before` stay possible when people
    have left, or a unit was dissolved. Raises DomainError `report-groups-invalid` with one entry
    per fault."""
    kept = {frozenset(group) for group in before}
    errors = [
        {"pointer": pointer, "detail": detail}
        for pointer, detail in _faults(groups, units, k, kept)
    ]
    if errors:
        detail = "Units cannot be joined like this. Nothing was stored."
        raise DomainError("report-groups-invalid", "invalid", detail, errors)


def check_same(before: Iterable[ReportGroup], expected: Iterable[ReportGroup]) -> None:
    """Raises DomainError `report-groups-changed` if the groups are other ones than expected."""
    if set(before) != set(expected):
        detail = "The groups have changed meanwhile. Nothing was stored: read them again."
        raise DomainError("report-groups-changed", "conflict", detail)


def check_not_begun(
    before: Iterable[ReportGroup], after: Iterable[ReportGroup], begun: Iterable[str]
) -> None:
    """People were told with whom they are reported when their round opened, so that stays.

    `begun` are units that have had a round in the rollout. Raises DomainError
    `report-group-in-use`.
    """
    old = {unit_id: group for group in before for unit_id in group.unit_ids}
    new = {unit_id: group for group in after for unit_id in group.unit_ids}
    for unit_id in sorted(begun):
        if old.get(unit_id) != new.get(unit_id):
            raise DomainError(
                "report-group-in-use",
                "conflict",
                f"Unit {unit_id} has had a round in this rollout. How it is reported stays.",
            )


def _filled(
    small: Iterable[UnitSnapshot], least: int
) -> tuple[list[list[UnitSnapshot]], list[UnitSnapshot]]:
    """Groups of at least `least` people, kin together, and the units that are left."""
    made: list[list[UnitSnapshot]] = []
    group: list[UnitSnapshot] = []
    for unit in sorted(small, key=lambda unit: unit.path):
        group.append(unit)
        if _people(group) >= least:
            made.append(group)
            group = []
    return made, group


def _joined_to_nearest(
    unit: UnitSnapshot, units: Sequence[UnitSnapshot], groups: list[list[UnitSnapshot]], k: int
) -> bool:
    """Join it to the group, or the unit with k people, that is nearest in its tree, if any is."""
    taken = {one.unit_id for group in groups for one in group}
    alone = [[one] for one in units if one.headcount >= k and one.unit_id not in taken]
    same_tree = [group for group in (*groups, *alone) if group[0].path[0] == unit.path[0]]
    if not same_tree:
        return False
    distance = {id(group): -_shared(unit.path, group[0].path) for group in same_tree}
    _join(min(same_tree, key=lambda group: (distance[id(group)], *_order(group))), [unit], groups)
    return True


def _join(
    group: list[UnitSnapshot], more: Iterable[UnitSnapshot], groups: list[list[UnitSnapshot]]
) -> None:
    if not any(group is one for one in groups):
        groups.append(group)
    group += more


def _order(group: Sequence[UnitSnapshot]) -> tuple[int, str]:
    return _people(group), group[0].unit_id


def _people(group: Iterable[UnitSnapshot]) -> int:
    return sum(unit.headcount for unit in group)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    return sum(1 for a, b in zip(one, other, strict=False) if a == b)


def _faults(
    groups: Sequence[Collection[str]],
    units: Mapping[str, UnitSnapshot],
    k: int,
    kept: Collection[frozenset[str]],
) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, group in enumerate(groups):
        place, is_kept = f"/groups/{index}", frozenset(group) in kept
        if len(group) < 2:
            yield place, "A group has two units at least."
        for number, unit_id in enumerate(group):
            if unit_id not in units and not is_kept:
                yield f"{place}/{number}", f"{unit_id} does not take part in this rollout."
            if unit_id in seen:
                yield f"{place}/{number}", f"{unit_id} is listed twice."
            seen.add(unit_id)
        known = [units[unit_id] for unit_id in group if unit_id in units]
        if is_kept or not len(group) == len(known) > 1:
            continue
        if _people(known) < k:
            yield place, f"The units have {_people(known)} people together; {k} are needed."
        if len({unit.path[0] for unit in known}) > 1:
            yield place, "The units have no unit above them in common."
