"""HTTP for administrators: whose identities are whose, and which wait for a decision.

The subject is shown, because an administrator finds an account at the provider by it. Every access
is logged.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from people_service.application.identities import (
    JoinIdentity,
    ReleaseIdentity,
    identities_of,
    join_identity,
    release_identity,
)
from people_service.domain.person import PERSON_ID
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http.identity_schemas import (
    IdentityBody,
    JoinBody,
    PersonIdentitiesBody,
    RefusedBindingBody,
    ReleaseBody,
)
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["identities"])

Reader = Annotated[Principal, may("persons.read")]
Editor = Annotated[Principal, may("persons.change")]
PersonId = Annotated[str, Path(pattern=f"^{PERSON_ID.pattern}$")]


@router.get("/persons/{person_id}/identities", response_description="Theirs, and those taken.")
async def list_identities(
    request: Request, caller: Reader, person_id: PersonId
) -> PersonIdentitiesBody:
    """The accounts at identity providers by which a person signs in, one at each provider.

    `released` has those that an administrator has taken from them.
    """
    async with app_of(request).uow().by(caller) as uow:
        uow.audit("persons.read/list_identities", f"person/{person_id}")
        return PersonIdentitiesBody.of(*await identities_of(person_id, uow))


@router.post(
    "/persons/{person_id}/identities/{identity_id}/release",
    response_model=PersonIdentitiesBody,
    response_description="What the person has now.",
)
async def release(
    request: Request,
    caller: Editor,
    key: IdempotencyKey,
    person_id: PersonId,
    identity_id: UUID,
    body: ReleaseBody,
) -> Response:
    """Take an identity from a person, so that their next sign-in with another one is accepted.

    This is for good: the identity signs nobody in as this person again. If its next sign-in names
    another person, it is refused (`released-from-another`) until another administrator joins it to
    them. The person keeps their account, with all that was done by it. A token that was issued
    before is valid for ten minutes more at most. Not your own (`own-identity`), and not before you
    are registered as a person (`caller-unknown`).
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> PersonIdentitiesBody:
            command = ReleaseIdentity(person_id, identity_id, caller.subject, body.reason)
            await release_identity(command, uow)
            return PersonIdentitiesBody.of(*await identities_of(person_id, uow))

        return await idempotent(uow, key, produce)


@router.post(
    "/persons/{person_id}/identities/{identity_id}/join",
    response_model=PersonIdentitiesBody,
    response_description="What the person has now.",
)
async def join(
    request: Request,
    caller: Editor,
    key: IdempotencyKey,
    person_id: PersonId,
    identity_id: UUID,
    body: JoinBody,
) -> Response:
    """Take an identity that waits for this person's, as `another-account` or
    `released-from-another`.

    By its account something may have been done before anybody knew whose it was. From the next
    token on it has the person's account, and four eyes cannot see any more that both are one: see
    first that nothing which either proposed still waits for a second person. Not one that is or was
    your own (`own-identity`) or that you have released (`own-release`), and not before you are
    registered as a person (`caller-unknown`).
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> PersonIdentitiesBody:
            command = JoinIdentity(person_id, identity_id, caller.subject, body.reason)
            await join_identity(command, uow)
            return PersonIdentitiesBody.of(*await identities_of(person_id, uow))

        return await idempotent(uow, key, produce)


@router.get("/identities/without-person", response_description="One page, the last used first.")
async def list_identities_without_person(
    request: Request, caller: Reader, page: PageQuery
) -> Page[IdentityBody]:
    """Who has signed in and is nobody that is known here: not imported, or without an id.

    Import the person, or correct the id at the provider or in the file; the next sign-in finds
    them. Systems are listed too.
    """
    async with app_of(request).uow().at_one_moment().by(caller) as uow:
        uow.audit("persons.read/list_identities_without_person", "identities")
        found, total = await uow.queries.identities_without_person(page)
    return page.holding([IdentityBody.of(one) for one in found], total)


@router.get("/identities/refused", response_description="One page, the longest wait first.")
async def list_refused_bindings(
    request: Request, caller: Reader, page: PageQuery
) -> Page[RefusedBindingBody]:
    """Who cannot sign in until an administrator decides; of the last 30 days.

    Either the identity belongs to another person than the token names or was released from one, or
    the person has another identity at the provider, or both have acted by accounts of their own.
    Find out who it is. Then release the identity that is wrong, join the one that is right, or
    correct the id at the provider.
    """
    async with app_of(request).uow().at_one_moment().by(caller) as uow:
        uow.audit("persons.read/list_refused_bindings", "identities")
        found, total = await uow.queries.refused_bindings(page)
    return page.holding([RefusedBindingBody.of(one) for one in found], total)
