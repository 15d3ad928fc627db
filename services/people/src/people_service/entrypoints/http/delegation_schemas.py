"""Bodies about standing in for somebody."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from people_service.application.delegating import Delegate
from people_service.domain.delegation import DelegatedRole, Delegation
from people_service.domain.person import PERSON_ID, UNIT_ID, Person
from servicekit.request_body import RequestBody

ReasonText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class DelegateBody(RequestBody):
    """Who stands in, in which role, and how long."""

    role: DelegatedRole = Field("deputy", description="`deputy` of a manager, or an approver's.")
    unit_id: str | None = Field(
        None,
        pattern=f"^{UNIT_ID.pattern}$",
        description="The unit that you manage; null for an approver.",
        examples=["rehabenheten"],
    )
    delegate: str = Field(
        min_length=1,
        max_length=254,
        description="The id or the mail address of who stands in.",
        examples=["p-0002"],
    )
    valid_from: date | None = Field(None, description="The first day; null is today.")
    valid_to: date = Field(description="The last day, a year ahead at most.")
    reason: ReasonText = Field(examples=["Parental leave"])

    def command(self) -> Delegate:
        return Delegate(
            role=self.role,
            unit_id=self.unit_id or "",
            delegate=self.delegate.strip(),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            reason=self.reason,
        )


class OnPaperBody(DelegateBody):
    """The same, as a person has said it on paper."""

    principal_id: str = Field(
        pattern=f"^{PERSON_ID.pattern}$",
        description="Who is stood in for.",
        examples=["p-0001"],
    )


class EndBody(RequestBody):
    """Why it ends."""

    reason: ReasonText = Field(examples=["Back from leave"])


class DelegationBody(BaseModel):
    """That somebody stands in for somebody. It holds only while the principal holds the role."""

    model_config = ConfigDict(from_attributes=True)

    delegation_id: UUID
    role: DelegatedRole
    unit_id: str = Field(description="Empty for the whole region.")
    principal_id: str = Field(description="Who is stood in for.")
    delegate_id: str = Field(description="Who stands in.")
    valid_from: date
    valid_to: date
    on_paper: bool = Field(description="Whether an administrator recorded it.")
    ended_on: date | None = Field(description="The day on which it was ended before its time.")

    principal_name: str | None = Field(None, description="In the list of one's own; else null.")
    delegate_name: str | None = Field(None, description="In the list of one's own; else null.")

    @classmethod
    def of(
        cls, delegation: Delegation, persons: Mapping[str, Person] = MappingProxyType({})
    ) -> "DelegationBody":
        """`persons` are those whose names are shown, by id."""
        body = cls.model_validate(delegation)
        for side in ("principal", "delegate"):
            if person := persons.get(getattr(body, f"{side}_id")):
                setattr(body, f"{side}_name", person.name)
        return body
