"""Giving a role by hand, and ending it; by administrators of the region or of some units."""

from typing import Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.domain.acts import END_ROLE, GIVE_ROLE, PERSONS, START
from portal_service.entrypoints.act_page import ActPage
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(include_in_schema=False)
How = Literal["give", "end"]


@router.get("/roles/{how}")
async def role_form(
    request: Request,
    viewer: SignedIn,
    how: How,
    person_id: str = "",
    role: str = "",
    unit_id: str = "",
    done: str = "",
) -> Response:
    """`done`: what was sent before was done."""
    typed = {"person_id": person_id, "role": role, "unit_id": unit_id, "done": done}
    return _page(request, viewer, how).show(typed)


@router.post("/roles/{how}")
async def change(request: Request, viewer: SignedIn, how: How) -> Response:
    """Then to the person; whoever may not read persons gets the form again."""
    persons = []

    async def send(body: dict[str, Any], key: str) -> None:
        persons.append(quote(body.pop("person_id"), safe=""))
        path = f"/persons/{persons[0]}/assignments" + ("/end" if how == "end" else "")
        await viewer.post("people", path, body, key)

    if refused := await _page(request, viewer, how).perform(send):
        return refused
    reads = viewer.may("persons.read")
    return RedirectResponse(f"/persons/{persons[0]}" if reads else f"/roles/{how}?done=yes", 303)


def _page(request: Request, viewer: Viewer, how: How) -> ActPage:
    viewer.admit("persons.assign")
    reads = viewer.may("persons.read")
    back = ("/persons", PERSONS) if reads else ("/start", START)
    return ActPage(request, GIVE_ROLE if how == "give" else END_ROLE, back)
