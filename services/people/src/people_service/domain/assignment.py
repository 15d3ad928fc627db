"""What is wrong with an assignment that somebody gives, by a file or by hand."""

from collections.abc import Iterator
from datetime import date

from people_service.domain.person import UNIT_ID, id_fault
from people_service.domain.roles import PERSON_ROLES, ROLES

_UNIT_ID = "A unit id has 1 to 63 characters a-z, 0-9 or '-'."


def assignment_faults(
    role: str, unit_id: str, valid_from: date | None, valid_to: date | None
) -> Iterator[tuple[str, str]]:
    """Each wrong part, and what to do. The unit is the empty text for the whole region."""
    if role not in PERSON_ROLES:
        yield "role", f"Use one of: {', '.join(PERSON_ROLES)}."
    else:
        if ROLES[role].unit == "none" and unit_id:
            yield "unit_id", f"The role {role} is for all units: leave it empty."
        elif (unit_id or ROLES[role].unit == "required") and (
            fault := id_fault(unit_id, UNIT_ID, _UNIT_ID)
        ):
            yield "unit_id", fault
        if role == "deputy" and valid_to is None:
            yield "valid_to", "A deputy stands in until a day: give the last one."
    if valid_from and valid_to and valid_to < valid_from:
        yield "valid_to", f"The last day is before the first, {valid_from}."
