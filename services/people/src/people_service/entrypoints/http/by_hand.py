"""HTTP: persons and assignments by hand."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from people_service.application import by_hand
from people_service.application.by_hand import Caller
from people_service.domain.person import PERSON_ID
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http.by_hand_schemas import (
    AddPersonBody,
    ChangePersonBody,
    EndAssignmentBody,
    GiveAssignmentBody,
    LeftBody,
)
from people_service.entrypoints.http.person_schemas import AssignmentBody, PersonBody
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent

router = APIRouter(tags=["persons"])

Editor = Annotated[Principal, may("persons.change")]
Giver = Annotated[Principal, may("persons.assign")]
PersonId = Annotated[str, Path(pattern=f"^{PERSON_ID.pattern}$")]


@router.post("/persons", status_code=201, response_model=PersonBody)
async def add_person(
    request: Request, caller: Editor, key: IdempotencyKey, body: AddPersonBody
) -> Response:
    """Add one person by hand, without a role: give them one afterwards.

    A file or a SCIM client that has the same `person_id` later is about the same person.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> PersonBody:
            return PersonBody.of(await by_hand.add_person(body.command(), uow))

        return await idempotent(uow, key, produce, status=201)


@router.patch("/persons/{person_id}", response_description="The person now.")
async def change_person(
    request: Request, caller: Editor, person_id: PersonId, body: ChangePersonBody
) -> PersonBody:
    """Change name, address, language, phone number or HSA id of a person.

    They are what was written last: a file or a SCIM client that still has the old ones brings them
    back. Correct them there too.
    """
    async with app_of(request).uow().by(caller) as uow:
        return PersonBody.of(await by_hand.change_person(body.command(person_id), uow))


@router.post("/persons/{person_id}/assignments", status_code=201, response_model=AssignmentBody)
async def give_assignment(
    request: Request,
    caller: Giver,
    key: IdempotencyKey,
    person_id: PersonId,
    body: GiveAssignmentBody,
) -> Response:
    """Give a person a role for a unit, or for the whole region, by hand.

    No import and no SCIM client ends it, also if it lists the same: only this way does it end. A
    unit that is not known is refused (`unit-unknown`). A role for the whole region needs a caller
    who is registered as a person (`caller-unknown`), and is never their own (`own-region-role`).
    Nobody gives themselves a role for a unit either (`own-role`). A deputy is of a delegation.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> AssignmentBody:
            asker = Caller(caller.subject, caller.scope)
            given = await by_hand.give_assignment(body.command(person_id), asker, uow)
            return AssignmentBody.model_validate(given)

        return await idempotent(uow, key, produce, status=201)


@router.post("/persons/{person_id}/assignments/end", response_model=LeftBody)
async def end_assignment(
    request: Request,
    caller: Giver,
    key: IdempotencyKey,
    person_id: PersonId,
    body: EndAssignmentBody,
) -> Response:
    """End what a person holds by hand in a role for a unit: at once, or after a last day.

    What has begun stays as history. Of another source it is refused (`assignment-not-by-hand`):
    end it there. Tokens that were issued count for ten minutes at most.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> LeftBody:
            asker = Caller(caller.subject, caller.scope)
            return LeftBody.of(await by_hand.end_assignment(body.command(person_id), asker, uow))

        return await idempotent(uow, key, produce)
