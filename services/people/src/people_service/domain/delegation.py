"""Standing in for somebody: a manager's deputy, an approver's delegate.

A delegation adds no right: it holds on a day only if the one who is stood in for holds the role
themselves on that day. It cannot be passed on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Literal
from uuid import UUID

from people_service.domain.errors import DomainError
from people_service.domain.person import Person

DelegatedRole = Literal["deputy", "approver"]
STOOD_IN_FOR: Mapping[DelegatedRole, str] = MappingProxyType(
    {"deputy": "manager", "approver": "approver"}
)
"""The role of whom somebody with a delegated role stands in for."""
LONGEST = timedelta(days=366)
REMIND_BEFORE = timedelta(days=3)
"""How long before the last day both persons are reminded of it."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """`delegate_id` stands in for `principal_id` in a role, from one day to another.

    Both days are included. `unit_id` is empty for the whole region. `standing_for` is the
    principal's account, as tokens and audit lines have it. `on_paper` marks one that an
    administrator recorded. It stops at once on `ended_on`.
    """

    delegation_id: UUID
    role: DelegatedRole
    unit_id: str
    principal_id: str
    delegate_id: str
    standing_for: UUID
    valid_from: date
    valid_to: date
    on_paper: bool
    ended_on: date | None = None

    def concerns(self, person_id: str) -> bool:
        return person_id in (self.principal_id, self.delegate_id)

    def ended(self, today: date) -> "Delegation":
        """The delegation, which holds no more from today. Raises DomainError `delegation-over`."""
        if self.ended_on is not None or self.valid_to < today:
            raise DomainError("delegation-over", "conflict", "This delegation has ended already.")
        return replace(self, ended_on=today)


@dataclass(frozen=True, slots=True)
class DelegationEndApproached:
    """Its last day is near. Says neither who stands in nor for whom."""

    delegation_id: UUID
    ends_on: date


def check(delegation: Delegation, principal: Person, today: date) -> None:
    """Raises DomainError `delegation-invalid` with every fault, or `role-not-held`."""
    faults = list(_faults(delegation, today))
    if faults:
        errors = [{"pointer": pointer, "detail": detail} for pointer, detail in faults]
        raise DomainError("delegation-invalid", "invalid", "This cannot be delegated so.", errors)
    role = STOOD_IN_FOR[delegation.role]
    own = (
        one
        for one in principal.assignments
        if (one.role, one.unit_id) == (role, delegation.unit_id) and one.source != "delegation"
    )
    if not any(one.holds_on(max(delegation.valid_from, today)) for one in own):
        where = delegation.unit_id or "the whole region"
        detail = (
            f"Only who is registered here with the role {role} for {where} on the first day can be"
            " stood in for. A role that a provider's group gives cannot be delegated, nor one that"
            " is held in somebody's place or that nobody known has given yet."
        )
        raise DomainError("role-not-held", "conflict", detail)


def _faults(delegation: Delegation, today: date) -> list[tuple[str, str]]:
    first, last = delegation.valid_from, delegation.valid_to
    found = []
    if delegation.delegate_id == delegation.principal_id:
        found.append(("/delegate", "Nobody stands in for themselves."))
    if (delegation.role == "deputy") == (not delegation.unit_id):
        found.append(("/unit_id", "A deputy is one unit's; an approver is the whole region's."))
    if first < today:
        found.append(("/valid_from", "It begins today at the earliest."))
    if last < first:
        found.append(("/valid_to", "The last day is before the first."))
    elif last - first > LONGEST:
        found.append(("/valid_to", f"It lasts {LONGEST.days} days at most."))
    return found
