"""Bodies of what an administrator enters by hand."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from people_service.application.by_hand import (
    AddPerson,
    ChangePerson,
    EndAssignment,
    GiveAssignment,
)
from people_service.domain.person import PERSON_ID, UNIT_ID, Assignment, Language, Person
from people_service.domain.roles import RoleName
from people_service.entrypoints.http.person_schemas import AssignmentBody
from servicekit.request_body import RequestBody
from servicekit.text import Line, Prose

Reason = Annotated[Prose, Field(max_length=500, description="Why; the audit trail keeps it.")]
Name = Annotated[Line, Field(max_length=200)]
Email = Annotated[str, Field(max_length=254, description="A mail address; null for none.")]
Phone = Annotated[
    str,
    Field(max_length=40, description="As people write it, kept as +46701740605; null for none."),
]
HsaId = Annotated[str, Field(max_length=40, description="What the HSA calls them; null for none.")]
_UNIT = Field(
    None, pattern=f"^{UNIT_ID.pattern}$", description="The unit; null for the whole region."
)
_PERSON: dict[str, Any] = {
    "person_id": "p-0001",
    "name": "Exempelperson 0001",
    "email": "person0001@example.se",
    "language": "sv",
    "phone": "070-174 06 05",
    "hsa_id": "SE2321000016-1ABC",
    "reason": "Hired after the last file",
}


class AddPersonBody(RequestBody):
    """Somebody whom no file and no SCIM client has brought."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PERSON]})

    person_id: str = Field(
        pattern=f"^{PERSON_ID.pattern}$",
        description="The id in the region's own systems, as files and identity providers have it.",
    )
    name: Name
    email: Email | None = None
    language: Language = "sv"
    phone: Phone | None = None
    hsa_id: HsaId | None = None
    reason: Reason

    def command(self) -> AddPerson:
        person = Person(
            person_id=self.person_id,
            name=self.name,
            email=(self.email or "").strip(),
            language=self.language,
            assignments=frozenset(),
            phone=(self.phone or "").strip(),
            hsa_id=(self.hsa_id or "").strip(),
        )
        return AddPerson(person, self.reason)


class ChangePersonBody(RequestBody):
    """What to change. What is left out stays as it is, and null takes it away (RFC 7396)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"phone": "070-174 06 06", "hsa_id": None, "reason": "New phone"}]
        }
    )

    name: Name = ""
    email: Email | None = None
    language: Language = "sv"
    phone: Phone | None = None
    hsa_id: HsaId | None = None
    reason: Reason

    def command(self, person_id: str) -> ChangePerson:
        given = self.model_fields_set - {"reason"}
        facts = {name: (getattr(self, name) or "").strip() for name in sorted(given)}
        return ChangePerson(person_id, facts, self.reason)


class GiveAssignmentBody(RequestBody):
    """Which role for which unit, and how long."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "manager",
                    "unit_id": "rehabenheten",
                    "valid_from": "2026-03-02",
                    "valid_to": None,
                    "reason": "Appointed, the file follows in April",
                }
            ]
        }
    )

    role: RoleName
    unit_id: str | None = _UNIT
    valid_from: date | None = Field(None, description="The first day; null is today.")
    valid_to: date | None = Field(None, description="The last day; null if there is no limit.")
    reason: Reason

    def command(self, person_id: str) -> GiveAssignment:
        return GiveAssignment(
            person_id, self.role, self.unit_id or "", self.valid_from, self.valid_to, self.reason
        )


class EndAssignmentBody(RequestBody):
    """Which role for which unit ends, and when."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "role": "manager",
                    "unit_id": "rehabenheten",
                    "last_day": "2026-05-31",
                    "reason": "Leaves",
                }
            ]
        }
    )

    role: RoleName
    unit_id: str | None = _UNIT
    last_day: date | None = Field(
        None, description="Today at the earliest; null ends it at once, so that it held yesterday."
    )
    reason: Reason

    def command(self, person_id: str) -> EndAssignment:
        unit_id = self.unit_id or ""
        return EndAssignment(person_id, self.role, unit_id, self.last_day, self.reason)


class LeftBody(BaseModel):
    """What is left of an assignment that was ended."""

    assignments: list[AssignmentBody] = Field(
        description="By hand, in this role for this unit, with their last days; in order."
    )

    @classmethod
    def of(cls, left: Sequence[Assignment]) -> "LeftBody":
        return cls(assignments=[AssignmentBody.model_validate(one) for one in left])
