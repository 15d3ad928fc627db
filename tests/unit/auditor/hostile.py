"""Releases made to break the rule: each is a list of (units, rollout, day of closing)."""

from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.scoring import Profile
from unit.auditor.platform import Asked

K = 7
VARIED = (0, 25, 50, 75, 100)

Scenario = list[tuple[list[Asked], str, float]]


def scores(*values: int | None) -> list[Profile]:
    return [dict.fromkeys(BEHAVIOURS, value) for value in values]


def unit(path: str, answered: int, headcount: int | None = None, same: int | None = None) -> Asked:
    """A unit at `region.department.unit`; everybody answers `same`, if given."""
    values = [VARIED[n % 5] if same is None else same for n in range(answered)]
    steps = path.split(".")
    names = tuple(".".join(steps[: n + 1]) for n in range(len(steps) - 1))
    return Asked((*names, steps[-1]), headcount or max(answered, 1), scores(*values))


def once(*units: Asked) -> Scenario:
    return [(list(units), "rollout", 0)]


def _chain(beside: int) -> list[Asked]:
    """One unit at the end of a chain of levels, and one of so many answers beside each level."""
    path, units = "r", []
    for level in range(6):
        units.append(unit(f"{path}.beside-{level}", beside, 6))
        path = f"{path}.{level}"
    return [*units, unit(f"{path}.end", 9)]


def _with(path: str, *values: int | None, headcount: int | None = None) -> Asked:
    return Asked(tuple(path.split(".")), headcount or len(values), scores(*values))


BASE = [unit("r.d.a", 12), unit("r.d.b", 9), unit("r.e.c", 8), unit("r.e.s", 3, 5)]
MISSING: Profile = {b: None if b == BEHAVIOURS[0] else 50 for b in BEHAVIOURS}

HOSTILE: dict[str, Scenario] = {
    "a chain to one unit": once(unit("r.1.2.3.4.5.6.end", K)),
    "a chain with k - 1 beside each level": once(*_chain(K - 1)),
    "a chain with one beside each level": once(*_chain(1)),
    "a chain with nobody beside each level": once(*_chain(0)),
    "k - 1 alone": once(unit("r.a", K - 1)),
    "k alone": once(unit("r.a", K)),
    "k + 1 alone": once(unit("r.a", K + 1)),
    "k - 1, k and k + 1": once(*(unit(f"r.{n}", n) for n in (K - 1, K, K + 1))),
    "two of k - 1": once(unit("r.a", K - 1), unit("r.b", K - 1), unit("r.c", K)),
    "all but one are empty": once(unit("r.a", 12), *(unit(f"r.{n}", 0, 9) for n in range(5))),
    "one is empty": once(*(unit(f"r.{n}", 12) for n in range(5)), unit("r.e", 0, 9)),
    "everything is empty": once(*(unit(f"r.{n}", 0, 9) for n in range(5))),
    "twenty units of one person": once(*(unit(f"r.{n // 5}.{n}", 1) for n in range(20))),
    "seven of one and one of k": once(unit("r.a", K), *(unit(f"r.{n}", 1) for n in range(7))),
    "everybody agrees on the highest": once(*(unit(f"r.d.{n}", 9, same=100) for n in range(4))),
    "everybody agrees on the lowest": once(*(unit(f"r.d.{n}", 9, same=0) for n in range(4))),
    "one unit agrees": once(*BASE, unit("r.d.same", 9, same=75)),
    "one agrees, in a department of two": once(*BASE, unit("r.f.x", 9, same=75), unit("r.f.y", 4)),
    "all but one agree": once(*BASE, _with("r.d.most", *[50] * 8, 100)),
    "two units agree on opposite ends": once(
        unit("r.d.low", 9, same=0), unit("r.d.high", 9, same=100), unit("r.e.c", 12)
    ),
    "agreement in two departments": once(
        *BASE, unit("r.d.same", 9, same=25), unit("r.e.same-too", 9, same=25)
    ),
    "two small units near the top": once(
        _with("r.d.a", 38, 50, 0, 50, 38, 75, 38, 100, 25),
        _with("r.d.s", 100, 86, 86, 100),
        _with("r.d.t", 100, 94, 100),
        unit("r.b", 12),
    ),
    "two small units near the bottom": once(
        _with("r.d.a", 62, 50, 100, 50, 62, 25, 62, 0, 75),
        _with("r.d.s", 0, 14, 14, 0),
        _with("r.d.t", 0, 6, 0),
        unit("r.b", 12),
    ),
    "more answers than people": once(*BASE, unit("r.e.flood", 9, 4), unit("r.e.more", 9, 7)),
    "one answer more than people": once(*BASE, unit("r.e.one-more", 8, 7)),
    "a behaviour that few answered": once(
        *BASE, Asked(("r", "r.d", "few"), 9, [*scores(0, 25, 75, 100), *[MISSING] * 5])
    ),
    "several roots": once(*(unit(f"{root}.{root}-{n}", K - n) for root in "xyz" for n in range(3))),
    "a second rollout without one unit": [
        (BASE, "one", 0),
        ([one for one in BASE if one.unit_id != "s"], "two", 30),
    ],
    "a third rollout over parts of two": [
        (BASE, "one", 0),
        ([unit("r.f.x", 9), unit("r.f.y", 4), *BASE[:2]], "two", 60),
        ([unit("r.g.z", 9), unit("r.f.y", 4), *BASE[1:]], "three", 80),
    ],
    "rollouts that each overlap only the one before": [
        ([unit(f"r.{number}", 8), unit(f"r.{number + 1}", 8), unit("r.s", 3)], name, 60 * number)
        for number, name in enumerate(("one", "two", "three", "four"))
    ],
    "the same rollout twice on one day": [(BASE, "one", 0), (BASE, "two", 0)],
    "a unit moves between two rollouts": [
        (BASE, "one", 0),
        ([*BASE[1:], unit("r.e.a", 12), unit("r.e.n", 8)], "two", 30),
    ],
    "two paths of one department": once(
        Asked(("r", "d", "a"), 9, scores(*VARIED, *VARIED[:4])),
        Asked(("r", "e", "d", "b"), 3, scores(0, 50, 100)),
        unit("r.c", 9),
    ),
    "sixty units of k": once(*(unit(f"r.{n // 10}.{n}", K) for n in range(60))),
}
