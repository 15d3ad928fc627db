"""What an administrator gives and ends by hand.

A source adds, changes and removes its own assignments only: what was given by hand is ended by hand
alone, whatever a file or a SCIM client lists. The same assignment of a file stands beside it, and
the role is held while either is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from people_service.domain.assignment import assignment_faults
from people_service.domain.dissolution import Dissolution
from people_service.domain.errors import DomainError
from people_service.domain.fault_text import FaultText
from people_service.domain.hsa_id import hsa_id_fault, hsa_id_of
from people_service.domain.person import (
    PERSON_ID,
    Assignment,
    Person,
    address_fault,
    id_fault,
    name_fault,
)
from people_service.domain.phone import e164, phone_fault
from people_service.domain.roles import RoleName

Fault = tuple[str, str]
"""A field, and what to do."""
_DAY = timedelta(days=1)
_NO_DEPUTY = (
    "A deputy stands in for somebody: let the manager delegate (POST /v1/delegations), or record"
    " what they have said on paper (POST /v1/delegations/on-paper)."
)
_PERSON_ID = FaultText("person-id-form", "An id has 1 to 63 letters a-z, digits, '.', '_' or '-'.")


def checked(written: Person) -> Person:
    """The person with the phone number and the HSA id as they are stored.

    Raises DomainError `person-invalid` with every fault.
    """
    _refuse("person-invalid", "A person cannot be stored so.", _person_faults(written))
    return replace(written, phone=e164(written.phone) or "", hsa_id=hsa_id_of(written.hsa_id) or "")


def with_given(person: Person, given: Assignment, today: date) -> Person:
    """The person with one more assignment by hand.

    Raises DomainError `assignment-invalid` with every fault, or `assignment-held` if the person has
    it by hand on one of these days.
    """
    faults: list[Fault] = list(
        assignment_faults(given.role, given.unit_id, given.valid_from, given.valid_to)
    )
    if given.role == "deputy":
        faults.append(("role", _NO_DEPUTY))
    if given.is_over(today):
        faults.append(("valid_to", "The last day has passed."))
    _refuse("assignment-invalid", "This cannot be given so.", faults)
    held = next(
        (one for one in _same(person, given.role, given.unit_id) if _meet(one, given)), None
    )
    if held is not None:
        detail = (
            f"The person has this by hand from {held.valid_from or 'always'} to"
            f" {held.valid_to or 'further notice'}. End it, then give it with other days."
        )
        raise DomainError("assignment-held", "conflict", detail)
    return replace(person, assignments=person.assignments | {given})


def check_unit(given: Assignment, known: bool, end: Dissolution | None) -> None:
    """Raises DomainError `unit-unknown` or `unit-dissolved`, with the unit that goes on."""
    if not given.unit_id:
        return
    if not known:
        detail = f"There is no unit {given.unit_id}. Register it in the workflow service first."
        _refuse("unit-unknown", detail, [("unit_id", detail)])
    if end is not None and (given.valid_to is None or given.valid_to >= end.dissolved_on):
        goes_on = f" {end.successor_id} took it over." if end.successor_id else ""
        detail = f"The unit {given.unit_id} ends: {end.dissolved_on} is without it.{goes_on}"
        _refuse("unit-dissolved", detail, [("unit_id", detail)])


def with_ended(
    person: Person, role: RoleName, unit_id: str, last_day: date | None, today: date
) -> Person:
    """The person, who holds the role for the unit by hand until the last day; None is yesterday.

    What has begun by then stays as history, what begins later goes. Raises DomainError
    `assignment-invalid`, `assignment-not-by-hand` or `assignment-unknown`.
    """
    if last_day is not None and last_day < today:
        detail = "Today at the earliest. Without a day it ends at once."
        _refuse("assignment-invalid", "This cannot be ended so.", [("last_day", detail)])
    by_hand = frozenset(one for one in _same(person, role, unit_id) if not one.is_over(today))
    if not by_hand:
        raise _nothing_to_end(person, role, unit_id, today)
    last = last_day or today - _DAY
    left = frozenset(
        one if one.valid_to is not None and one.valid_to <= last else replace(one, valid_to=last)
        for one in by_hand
        if one.valid_from is None or one.valid_from <= last
    )
    return replace(person, assignments=person.assignments - by_hand | left)


def _nothing_to_end(person: Person, role: RoleName, unit_id: str, today: date) -> DomainError:
    sources = sorted(
        one.source
        for one in person.assignments
        if (one.role, one.unit_id) == (role, unit_id) and not one.is_over(today)
    )
    if sources:
        detail = f"It does not come from a hand: end it where it comes from ({sources[0]})."
        return DomainError("assignment-not-by-hand", "conflict", detail)
    detail = f"The person does not hold the role {role} for {unit_id or 'the whole region'}."
    return DomainError("assignment-unknown", "not_found", detail)


def _person_faults(written: Person) -> Iterator[Fault]:
    if fault := id_fault(written.person_id, PERSON_ID, _PERSON_ID):
        yield "person_id", fault
    if fault := name_fault(written.name):
        yield "name", fault
    if written.email and (fault := address_fault(written.email)):
        yield "email", fault
    if written.phone and (fault := phone_fault(written.phone)):
        yield "phone", fault
    if written.hsa_id and (fault := hsa_id_fault(written.hsa_id)):
        yield "hsa_id", fault


def _same(person: Person, role: RoleName, unit_id: str) -> Iterator[Assignment]:
    what = (role, unit_id, "hand")
    return (one for one in person.assignments if (one.role, one.unit_id, one.source) == what)


def _meet(one: Assignment, other: Assignment) -> bool:
    """Whether there is a day on which both hold."""
    first = max(one.valid_from or date.min, other.valid_from or date.min)
    return first <= min(one.valid_to or date.max, other.valid_to or date.max)


def _refuse(code: str, detail: str, faults: Iterable[Fault]) -> None:
    errors = [{"pointer": f"/{field}", "detail": fault} for field, fault in faults]
    if errors:
        raise DomainError(code, "invalid", detail, errors)
