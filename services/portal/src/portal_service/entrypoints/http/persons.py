"""Persons: who is registered, one with roles and sign-ins, and what is entered by hand."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from portal_service.domain.acts import ADD_PERSON, CHANGE_PERSON, PERSON, PERSONS, RELEASE_IDENTITY
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.names import unit_names
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/persons", include_in_schema=False)
_ROWS = "50"
_READ, _CHANGE = "persons.read", "persons.change"
_MAY_BE_EMPTY = ("email", "phone", "hsa_id")
PersonId = Annotated[str, Path(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")]


@router.get("")
async def persons(
    request: Request,
    viewer: SignedIn,
    person_id: Annotated[str, Query(pattern=r"^\s*([A-Za-z0-9][A-Za-z0-9._-]{0,62})?\s*$")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    """With `person_id` that person's page."""
    viewer.admit(_READ)
    if person_id.strip():
        return RedirectResponse(f"/persons/{person_id.strip()}", 303)
    found = await viewer.get("people", "/persons", page=str(page), limit=_ROWS)
    return app_of(request).pages.render(request, "persons", found=found)


@router.get("/new")
async def new_form(request: Request, viewer: SignedIn) -> Response:
    return _new(request, viewer).show({"language": "sv"})


@router.post("/new")
async def add(request: Request, viewer: SignedIn) -> Response:
    made = {}

    async def send(body: dict[str, Any], key: str) -> None:
        made.update(await viewer.post("people", "/persons", body, key))

    refused = await _new(request, viewer).perform(send)
    return refused or RedirectResponse(f"/persons/{made['person_id']}", 303)


@router.get("/{person_id}")
async def person(request: Request, viewer: SignedIn, person_id: PersonId) -> Response:
    viewer.admit(_READ)
    part = Partial(viewer)
    found, identities = await asyncio.gather(
        _found(viewer, person_id), part.get("people", f"/persons/{person_id}/identities")
    )
    units = sorted({one["unit_id"] for one in found["assignments"]} - {""})
    return app_of(request).pages.render(
        request,
        "person",
        person=found,
        identities=identities,
        names=await unit_names(part, units),
        away=part.away,
    )


@router.get("/{person_id}/change")
async def change_form(request: Request, viewer: SignedIn, person_id: PersonId) -> Response:
    viewer.admit(_CHANGE)
    found = await _found(viewer, person_id)
    facts = {one.name: found[one.name] for one in CHANGE_PERSON.fields if one.name in found}
    shown = {f"shown-{name}": text for name, text in facts.items()}
    return _changing(request, person_id).show(facts | shown)


@router.post("/{person_id}/change")
async def change(request: Request, viewer: SignedIn, person_id: PersonId) -> Response:
    """Only what differs from what was shown is sent: others may have changed the rest meanwhile."""
    viewer.admit(_CHANGE)
    typed = await typed_of(request)

    async def send(body: dict[str, Any], _: str) -> None:
        body = {**dict.fromkeys(_MAY_BE_EMPTY), **body}
        changed = {
            name: text for name, text in body.items() if (text or "") != typed.get(f"shown-{name}")
        }
        await viewer.patch("people", f"/persons/{person_id}", changed)

    refused = await _changing(request, person_id).perform(send)
    return refused or RedirectResponse(f"/persons/{person_id}", 303)


@router.get("/{person_id}/identities/{identity_id}/release")
async def release_form(
    request: Request, viewer: SignedIn, person_id: PersonId, identity_id: UUID
) -> Response:
    return (await _releasing(request, viewer, person_id, identity_id)).show({})


@router.post("/{person_id}/identities/{identity_id}/release")
async def release(
    request: Request, viewer: SignedIn, person_id: PersonId, identity_id: UUID
) -> Response:
    async def send(body: dict[str, Any], key: str) -> None:
        path = f"/persons/{person_id}/identities/{identity_id}/release"
        await viewer.post("people", path, body, key)

    refused = await (await _releasing(request, viewer, person_id, identity_id)).perform(send)
    return refused or RedirectResponse(f"/persons/{person_id}", 303)


async def _found(viewer: Viewer, person_id: str) -> dict[str, Any]:
    return await viewer.get("people", f"/persons/{person_id}")


def _new(request: Request, viewer: Viewer) -> ActPage:
    viewer.admit(_CHANGE)
    return ActPage(request, ADD_PERSON, ("/persons", PERSONS))


def _changing(request: Request, person_id: str) -> ActPage:
    back = (f"/persons/{person_id}", PERSON)
    return ActPage(request, CHANGE_PERSON, back, code=person_id)


async def _releasing(
    request: Request, viewer: Viewer, person_id: str, identity_id: UUID
) -> ActPage:
    viewer.admit(_CHANGE)
    known = await viewer.get("people", f"/persons/{person_id}/identities")
    of_this = [one for one in known["identities"] if one["identity_id"] == str(identity_id)]
    if not of_this:
        raise HTTPException(404)
    back = (f"/persons/{person_id}", PERSON)
    code = f"{person_id}: {of_this[0]['subject']} ({of_this[0]['issuer']})"
    return ActPage(request, RELEASE_IDENTITY, back, code=code)
