"""People who all gave the same answer and stand behind a published value: a simulation only, since
the true answers must be known."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from auditor.findings import Finding, named
from auditor.linear import smallest_sets
from auditor.published import Profile, Published, Release, Truth

ANSWERS = 4
"""The scale has so many steps; a score stands for the nearest answer."""


def all_alike(published: Published, truth: Truth) -> list[Finding]:
    """A group whose value is shown or follows from shown ones, in which all or all but one agree;
    also if only people outnumbered by k or more who agree hide that."""
    findings = []
    for release in published.releases:
        answers = truth[release.release_id]
        for units, words in _found(release, answers, published.k):
            finding = Finding("agreement", (release.release_id,), tuple(sorted(units)), words)
            findings.append(finding)
    return findings


def _found(
    release: Release, answers: Mapping[str, Sequence[Profile]], k: int
) -> Iterator[tuple[frozenset[str], str]]:
    alike = {
        unit
        for unit in release.headcounts
        if unit not in release.shown and len(answers.get(unit, ())) >= k
        if _agree(answers[unit])
    }
    for units in smallest_sets({release.below(node) for node in release.shown}):
        where = named(sorted(units))
        if _agree([one for unit in units for one in answers.get(unit, ())]):
            yield units, f"the people of {where} agree, and their value can be worked out"
        others = [one for unit in units - alike for one in answers.get(unit, ())]
        if units & alike and (len(others) < k or _agree(others)):
            yield units, f"too few others hide that people of {where} agree"
    cells = {cell.unit_id: cell for cell in release.cells}
    for unit in alike:
        above = release.places[unit][-2:-1]
        if not cells[unit].hidden_because and above and above[0] in release.shown:
            words = f"{unit} is hidden because its people agree, and its parent's value is shown"
            yield frozenset({unit}), words


def _agree(people: Sequence[Profile]) -> bool:
    """Whether for some behaviour all, or all but one, gave the same answer."""
    if not people:
        return False
    for behaviour in people[0]:
        scores = [one[behaviour] for one in people]
        answers = Counter((2 * s * ANSWERS + 100) // 200 for s in scores if s is not None)
        if answers and answers.most_common(1)[0][1] >= answers.total() - 1:
            return True
    return False
