"""HTTP: standing in for somebody."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response

from people_service.application import delegating
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http.delegation_schemas import (
    DelegateBody,
    DelegationBody,
    EndBody,
    OnPaperBody,
)
from servicekit.access import may, permitted
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["delegations"])

Principals = Annotated[Principal, may("delegations.make")]
Recorder = Annotated[Principal, may("delegations.record")]
Concerned = Annotated[Principal, may("delegations.read")]
Ender = Annotated[Principal, may("delegations.end")]
_ACTING = ("manager", "deputy", "approver", "administrator")


@router.post("/delegations", status_code=201, response_model=DelegationBody)
async def delegate(
    request: Request, caller: Principals, key: IdempotencyKey, body: DelegateBody
) -> Response:
    """Let somebody stand in for you, for a time.

    They get your role, as yours alone and only while you hold it. Everything they do in it says
    that they did it on your behalf. For four eyes you are one person.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> DelegationBody:
            made = await delegating.delegate(body.command(), caller.subject, uow)
            return DelegationBody.of(made)

        return await idempotent(uow, key, produce, status=201)


@router.post("/delegations/on-paper", status_code=201, response_model=DelegationBody)
async def record_on_paper(
    request: Request, caller: Recorder, key: IdempotencyKey, body: OnPaperBody
) -> Response:
    """Record that a person has appointed somebody on paper. It is marked as such.

    You cannot record that you stand in yourself (`own-delegation`), nor anything before you are
    registered as a person (`caller-unknown`).
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> DelegationBody:
            made = await delegating.record_on_paper(
                body.command(), body.principal_id, caller.subject, uow
            )
            return DelegationBody.of(made)

        return await idempotent(uow, key, produce, status=201)


@router.get("/delegations", response_description="One page of delegations.")
async def list_delegations(
    request: Request, caller: Concerned, page: PageQuery
) -> Page[DelegationBody]:
    """Delegations that you gave or have, those that end last first, with both names; for overseers
    everybody's without names, which is in the audit trail."""
    async with app_of(request).uow().at_one_moment().by(caller) as uow:
        whose, persons = None, {}
        if permitted(caller, "delegations.oversee"):
            read = {"read": f"page {page.page}"}
            uow.audit("delegations.oversee/list_delegations", "delegations", after=read)
        else:
            whose = (await delegating.person_behind(caller.subject, uow)).person_id
        found, total = await uow.delegations.page(whose, page)
        if whose is not None:
            both = {each for one in found for each in (one.principal_id, one.delegate_id)}
            persons = await uow.persons.of_ids(sorted(both))
    return page.holding([DelegationBody.of(one, persons) for one in found], total)


@router.post("/delegations/{delegation_id}/end", response_model=DelegationBody)
async def end_delegation(
    request: Request, caller: Ender, key: IdempotencyKey, delegation_id: UUID, body: EndBody
) -> Response:
    """End a delegation now. Tokens that were issued for it count for ten minutes at most."""
    caller = _acting(caller)
    command = delegating.EndDelegation(
        delegation_id=delegation_id,
        by_account=caller.subject,
        everybodys=permitted(caller, "delegations.record"),
        reason=body.reason,
    )
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> DelegationBody:
            return DelegationBody.of(await delegating.end(command, uow))

        return await idempotent(uow, key, produce)


def _acting(caller: Principal) -> Principal:
    """In the roles that somebody acts in: whoever stands in does so in that place, although they
    may end it as an employee too, so that the audit trail shows it to those whom it concerns."""
    acting = caller.limited_to(*_ACTING)
    return acting if acting.assignments else caller
