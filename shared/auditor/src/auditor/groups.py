"""Groups of fewer than k people whose value follows from published ones, also of several releases
about the same time, in which the same people are taken to have answered the same."""

from collections.abc import Mapping, Sequence

from auditor.findings import Finding, named
from auditor.linear import TooManyError, smallest_sets
from auditor.published import Published, Release, Truth


def too_small(published: Published, truth: Truth | None) -> tuple[list[Finding], list[Finding]]:
    """Findings, and as notices what follows only from two occasions of one rollout."""
    findings: list[Finding] = []
    for release in published.releases:
        findings += _of([release], published.k, truth)
    own, others = _about_the_same_time(published)
    notices = [one for together in own for one in _of(together, published.k, truth)]
    limits = {one.units for one in notices if one.check == "groups"}
    for together in others:
        across = _of(together, published.k, truth)
        findings += [one for one in across if one.units not in limits]
    findings = _unique(findings)
    known = {one.units for one in findings}
    return findings, [one for one in _unique(notices) if one.units not in known]


def _about_the_same_time(published: Published) -> tuple[list[list[Release]], list[list[Release]]]:
    """Releases that are all about the same time as each other: of one rollout, and of several."""
    own, others = [], []
    for last in published.releases:
        near = [
            other
            for other in published.releases
            if other.closed[0] <= last.closed[0] <= other.closed[1] + published.same_time
        ]
        same = [other for other in near if other.rollout_id == last.rollout_id]
        if len(same) > 1:
            own.append(same)
        if len(near) > len(same):
            others.append(near)
    return own, others


def _of(releases: Sequence[Release], k: int, truth: Truth | None) -> list[Finding]:
    ids = tuple(sorted(release.release_id for release in releases))
    rows = {release.below(node) for release in releases for node in release.shown}
    try:
        sets = smallest_sets(rows)
    except TooManyError as error:
        return [Finding("not checked", ids, (), f"not every group could be tried: {error}")]
    findings = []
    for units in sets:
        people = sum(_most(releases, unit) for unit in units)
        reason = f"has {people} people" if people < k else None
        if truth is not None and reason is None:
            answered = sum(_most_answered(releases, truth, unit) for unit in units)
            reason = f"has {answered} who answered" if answered < k else None
        if reason:
            group = tuple(sorted(units))
            words = f"the value of {named(group)} follows from published values and {reason}"
            findings.append(Finding("groups", ids, group, words))
    return findings


def _most(releases: Sequence[Release], unit: str) -> int:
    return max(release.headcounts.get(unit, 0) for release in releases)


def _most_answered(releases: Sequence[Release], truth: Truth, unit: str) -> int:
    by_release: list[Mapping[str, Sequence[object]]] = [truth[r.release_id] for r in releases]
    return max(len(units.get(unit, ())) for units in by_release)


def _unique(findings: Sequence[Finding]) -> list[Finding]:
    """Each group once, with the fewest releases from which it follows."""
    first: dict[tuple[str, ...], Finding] = {}
    for one in sorted(findings, key=lambda found: len(found.releases)):
        first.setdefault(one.units, one)
    return list(first.values())
