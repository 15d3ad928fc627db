"""What is wrong with an assignment that somebody gives, by a file or by hand."""

from collections.abc import Iterator
from datetime import date

from people_service.domain.fault_text import FaultText
from people_service.domain.person import UNIT_ID, id_fault
from people_service.domain.roles import PERSON_ROLES, ROLES

_UNIT_ID = FaultText("unit-id-form", "A unit id has 1 to 63 characters a-z, 0-9 or '-'.")


def assignment_faults(
    role: str, unit_id: str, valid_from: date | None, valid_to: date | None
) -> Iterator[tuple[str, FaultText]]:
    """Each wrong part, and what to do. The unit is the empty text for the whole region."""
    if role not in PERSON_ROLES:
        roles = ", ".join(PERSON_ROLES)
        yield "role", FaultText("role-unknown", "Use one of: {choices}.", choices=roles)
    else:
        if ROLES[role].unit == "none" and unit_id:
            text = "The role {role} is for all units: leave it empty."
            yield "unit_id", FaultText("unit-given", text, role=role)
        elif (unit_id or ROLES[role].unit == "required") and (
            fault := id_fault(unit_id, UNIT_ID, _UNIT_ID)
        ):
            yield "unit_id", fault
        if role == "deputy" and valid_to is None:
            text = "A deputy stands in until a day: give the last one."
            yield "valid_to", FaultText("last-day-missing", text)
    if valid_from and valid_to and valid_to < valid_from:
        text = "The last day is before the first, {first}."
        yield "valid_to", FaultText("last-day-before-first", text, first=valid_from)
