"""Rounds of units that are reported together, as the one round that they are for the results."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assessment_service.domain.crowd import union
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.privacy_rule import PrivacyRule, is_varied
from assessment_service.domain.report_group import ReportGroup
from assessment_service.domain.round_answers import RoundAnswers
from assessment_service.domain.unit_tree import UnitTree


def joined(
    rounds: Sequence[RoundAnswers],
    groups: Iterable[ReportGroup],
    asked: Instrument,
    rule: PrivacyRule,
) -> list[RoundAnswers]:
    """The rounds, with those of each group as one, in the place of the lowest unit above all.

    A unit above some of a group's units, but not all, has no result: it would lack people. A unit
    without the others of its group in this release, or with nothing above them in common, is not
    shown: its people were told that it never is by itself.
    """
    tree = UnitTree(r.path for r in rounds)
    by_unit = {r.unit_id: r for r in rounds}
    split: set[str] = set()
    found: list[tuple[tuple[str, ...], RoundAnswers]] = []
    for group in groups:
        parts = tuple(by_unit[unit_id] for unit_id in group.unit_ids if unit_id in by_unit)
        paths = [tree.path(part.unit_id)[:-1] for part in parts]
        above = _common(paths)
        if len(parts) < 2 or not above:
            by_unit |= {part.unit_id: replace(part, withheld=True) for part in parts}
            continue
        split |= {unit_id for path in paths for unit_id in path[len(above) :]}
        found.append((above, _as_one(group, parts, asked, rule)))
        for part in parts:
            del by_unit[part.unit_id]
    places = [(r.path[:-1], r) for r in by_unit.values()]
    return [
        replace(r, path=(*(unit_id for unit_id in above if unit_id not in split), r.unit_id))
        for above, r in (*places, *found)
    ]


def _as_one(
    group: ReportGroup, parts: tuple[RoundAnswers, ...], asked: Instrument, rule: PrivacyRule
) -> RoundAnswers:
    """People of one unit who are all alike stay hidden in the group as in every combination."""
    crowds = [part.crowd for part in parts]
    return RoundAnswers(
        group.group_id,
        str(group.group_id),
        (),
        sum(part.headcount for part in parts),
        union(crowds),
        any(part.published_recently for part in parts),
        parts,
        any(crowd.persons >= rule.k and not is_varied(crowd, asked) for crowd in crowds),
    )


def _common(paths: Sequence[Sequence[str]]) -> tuple[str, ...]:
    shared = []
    for step in zip(*paths, strict=False):
        if len(set(step)) > 1:
            break
        shared.append(step[0])
    return tuple(shared)
