"""HTTP: erasing a person, and what was removed where."""

import logging
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from people_service.application.erasing import (
    ConfirmErasure,
    ErasePerson,
    confirm_erasure,
    find_erasure,
)
from people_service.application.erasing import erase_person as erase
from people_service.domain.person import PERSON_ID
from people_service.entrypoints.app import app_of
from people_service.entrypoints.http.erasure_schemas import (
    ConfirmBody,
    EraseBody,
    ErasedPersonBody,
    ErasureBody,
)
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

log = logging.getLogger(__name__)

router = APIRouter(tags=["erasures"])

Editor = Annotated[Principal, may("persons.change")]
Reader = Annotated[Principal, may("erasures.read")]
Service = Annotated[Principal, may("erasures.confirm")]


@router.post(
    "/persons/{person_id}/erase",
    status_code=202,
    response_model=ErasureBody,
    response_description="What was removed here; other services follow.",
)
async def erase_person(
    request: Request,
    caller: Editor,
    key: IdempotencyKey,
    person_id: Annotated[str, Path(pattern=f"^{PERSON_ID.pattern}$")],
    body: EraseBody,
) -> Response:
    """Remove what names a person from every service, for good; also of one deleted before.

    Published results, meetings and that something was done stay, without whom. A file or a SCIM
    client that still has the person brings them back: take them out there first. Mails that are not
    sent yet are not sent. A token that was issued before is valid for ten minutes more at most. Not
    yourself (`own-person`), and not before you are registered as a person (`caller-unknown`). An id
    that nothing names is refused (`unknown-person`).
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ErasureBody:
            erasure = await erase(ErasePerson(person_id, caller.subject, body.reason), uow)
            log.info("erasure %s asked for by %s", erasure.erasure_id, caller.subject)
            return ErasureBody.of(erasure)

        return await idempotent(uow, key, produce, status=202)


@router.get("/erasures", response_description="One page, the newest first.")
async def list_erasures(request: Request, _: Reader, page: PageQuery) -> Page[ErasureBody]:
    """What was removed, where and when, and what is still awaited."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.erasures.page(page)
    return page.holding([ErasureBody.of(one) for one in found], total)


@router.get("/erasures/{erasure_id}")
async def read_erasure(request: Request, _: Reader, erasure_id: UUID) -> ErasureBody:
    """What was removed, where and when, and whether it is complete."""
    async with app_of(request).uow() as uow:
        return ErasureBody.of(await find_erasure(erasure_id, uow))


@router.get("/erasures/{erasure_id}/person")
async def read_erased_person(
    request: Request, caller: Service, erasure_id: UUID
) -> ErasedPersonBody:
    """Whom a service has to forget. Nobody can ask once every service has confirmed."""
    log.info("whom erasure %s is about read by %s", erasure_id, caller.subject)
    async with app_of(request).uow().by(caller) as uow:
        erasure = await find_erasure(erasure_id, uow)
        uow.audit("erasures.confirm/read_erased_person", f"erasure/{erasure_id}")
    return ErasedPersonBody(person_id=erasure.person_id, words=sorted(erasure.words))


@router.post("/erasures/{erasure_id}/confirmations", response_model=ErasureBody)
async def confirm(
    request: Request, caller: Service, key: IdempotencyKey, erasure_id: UUID, body: ConfirmBody
) -> Response:
    """Confirm that a service stores nothing more that names the person. The first one counts.

    Each confirms for itself, by a token of its client `<service>-service` (`other-service`).
    """
    command = ConfirmErasure(erasure_id, body.service, caller.client_id, body.rows)
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ErasureBody:
            return ErasureBody.of(await confirm_erasure(command, uow))

        return await idempotent(uow, key, produce)
