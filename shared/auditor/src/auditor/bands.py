"""Exact numbers: how many people of a unit answered, where bands narrow it to one or two."""

from auditor.findings import Finding
from auditor.numbers import possible_numbers
from auditor.published import Published, Release

LEAST_POSSIBLE = 3


def too_exact(published: Published) -> tuple[list[Finding], list[Finding]]:
    """Findings: fewer than three possible numbers because of bands. Notices: one possible number
    already because a value is shown (headcount = k)."""
    findings: list[Finding] = []
    notices: list[Finding] = []
    for release in published.releases:
        for one in _numbers(release, published.k):
            (findings if one[0] else notices).append(one[1])
    return findings, notices


def _numbers(release: Release, k: int) -> list[tuple[bool, Finding]]:
    before = possible_numbers(release, k, with_bands=False)
    after = possible_numbers(release, k, with_bands=True)
    found = []
    for name, (low, high) in after.items():
        without = before[name][1] - before[name][0] + 1
        count = high - low + 1
        by_bands = count < min(LEAST_POSSIBLE, without)
        if by_bands or count == 1:
            number = f"{low}" if count == 1 else f"{low} or {high}"
            words = f"{number} of {name} answered; {without} numbers are possible without bands"
            found.append((by_bands, Finding("numbers", (release.release_id,), (name,), words)))
    return found
