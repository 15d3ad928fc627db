"""Every check on everything that was published."""

from auditor.agreement import all_alike
from auditor.bands import too_exact
from auditor.extremes import too_near_an_end
from auditor.findings import Check, Report
from auditor.groups import too_small
from auditor.published import Published, Truth


def audit(published: Published, truth: Truth | None = None) -> Report:
    """`truth` is known in a simulation only; without it, agreement is not checked."""
    findings, notices = too_small(published, truth)
    exact, known = too_exact(published)
    findings += exact + too_near_an_end(published, truth)
    if truth is not None:
        findings += all_alike(published, truth)
    releases = published.releases
    shown = [cell for release in releases for cell in release.shown.values()]
    checked: dict[Check, int] = {
        "groups": len(shown),
        "numbers": sum(len(release.headcounts) for release in releases),
        "extremes": sum(index is not None for cell in shown for index in cell.indexes.values()),
    }
    return Report(len(releases), len(shown), checked, tuple(findings), (*notices, *known))
