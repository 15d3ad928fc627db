"""Assignments as audit lines say them."""

from collections.abc import Iterable

from people_service.domain.person import Assignment


def described(assignments: Iterable[Assignment]) -> list[str]:
    """Role, unit and days, as `manager of rehab, from 2026-03-02 to -`."""
    return [
        f"{one.role} of {one.unit_id or 'the region'}, from {one.valid_from or '-'}"
        f" to {one.valid_to or '-'}"
        for one in sorted(assignments)
    ]
