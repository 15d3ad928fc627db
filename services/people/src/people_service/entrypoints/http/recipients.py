"""HTTP for the services that write to people: whom something is for, and how to reach them."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from people_service.application import handlers
from people_service.application.commands import Audience, FindAudience
from people_service.domain.person import PERSON_ID, UNIT_ID, Language, Person
from people_service.entrypoints.app import app_of
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.request_body import RequestBody

router = APIRouter(tags=["recipients"])

Service = Annotated[Principal, may("contacts.ask")]
_PersonId = Annotated[str, Field(pattern=f"^{PERSON_ID.pattern}$")]
_AT_ONCE = 1_000


class RecipientsBody(BaseModel):
    """Whom something is for."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_ids": ["p-0001"]}]})

    person_ids: list[str] = Field(description="All of them, in order; none if there is nobody.")


class ContactsQuery(RequestBody):
    """Persons to be reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"person_ids": ["p-0001"]}]})

    person_ids: Annotated[list[_PersonId], Field(max_length=_AT_ONCE)]
    with_subjects: Annotated[
        bool, Field(description="Also as whom the platform's tokens name them.")
    ] = False


class ContactBody(BaseModel):
    """How to reach a person. Personal data."""

    person_id: str
    name: str
    email: str = Field(description="Empty if there is none: codes on paper reach them.")
    language: Language
    subjects: list[str] = Field(
        description="The `sub` of their tokens; none for who has never signed in, nor unless asked."
    )

    @classmethod
    def of(cls, person: Person, accounts: Iterable[UUID]) -> "ContactBody":
        return cls(
            person_id=person.person_id,
            name=person.name,
            email=person.email,
            language=person.language,
            subjects=sorted(map(str, accounts)),
        )


class ContactsBody(BaseModel):
    """Those of the persons that there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "contacts": [
                        {
                            "person_id": "p-0001",
                            "name": "Exempelperson 0001",
                            "email": "person0001@example.se",
                            "language": "sv",
                            "subjects": [],
                        }
                    ]
                }
            ]
        }
    )

    contacts: list[ContactBody]


@router.get("/recipients", response_description="Their ids.")
async def find_recipients(
    request: Request,
    _: Service,
    audience: Audience,
    unit_id: Annotated[
        str | None,
        Query(pattern=f"^{UNIT_ID.pattern}$", description="For the audiences of one unit."),
    ] = None,
    delegation_id: Annotated[
        UUID | None, Query(description="For the audience of one delegation.")
    ] = None,
) -> RecipientsBody:
    """Ids of those for whom something is, by the assignments that hold today."""
    async with app_of(request).uow() as uow:
        query = FindAudience(audience, unit_id, delegation_id)
        found = await handlers.find_audience(query, uow)
    return RecipientsBody(person_ids=found)


@router.post("/contacts", response_description="Those of the persons that there are.")
async def read_contacts(request: Request, caller: Service, body: ContactsQuery) -> ContactsBody:
    """Names and addresses for mails that are sent now. Personal data: every access is in the audit
    trail, by the number of persons.

    Reads only, so it needs no Idempotency-Key. A POST, because ids of persons do not belong into
    a URL, which ends up in logs.
    """
    async with app_of(request).uow().by(caller) as uow:
        found = await uow.persons.of_ids(body.person_ids)
        accounts = await uow.accounts.of_persons(found) if body.with_subjects else {}
        read = {"asked": len(body.person_ids), "read": len(found)}
        uow.audit("contacts.ask/read_contacts", "persons", after=read)
    return ContactsBody(
        contacts=[ContactBody.of(one, accounts.get(id_, ())) for id_, one in found.items()]
    )
