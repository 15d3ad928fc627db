"""HSA ids: what Sweden's directory of health care (Inera's HSA) calls somebody."""

import re
from collections import defaultdict
from collections.abc import Iterable

from people_service.domain.fault_text import FaultText
from people_service.domain.person import Person

# By Inera: SE, the organisation's number, a hyphen and letters or digits; 31 characters at most.
_HSA_ID = re.compile(r"[Ss][Ee][0-9]{10}-[A-Za-z0-9]{1,18}")


def hsa_id_of(text: str) -> str | None:
    """The id in upper case, or None if it is none."""
    trimmed = text.strip()
    return trimmed.upper() if _HSA_ID.fullmatch(trimmed) else None


def hsa_id_fault(text: str) -> FaultText | None:
    """Why this HSA id cannot be used, or None."""
    if hsa_id_of(text):
        return None
    return FaultText(
        "hsa-id-form",
        "A HSA id is SE, the ten digits of the organisation's number, a hyphen and at most 18"
        " letters or digits, as SE2321000016-1ABC.",
    )


def shared_hsa_ids(persons: Iterable[Person]) -> list[tuple[str, ...]]:
    """Ids of persons who have the same HSA id, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for person in persons:
        if person.hsa_id:
            found[person.hsa_id].append(person.person_id)
    return sorted(tuple(sorted(same)) for same in found.values() if len(same) > 1)
