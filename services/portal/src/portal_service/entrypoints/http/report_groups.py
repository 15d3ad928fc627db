"""A rollout's report groups: small units that are reported together, by way of a preview."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from portal_service.application.ports import ServiceRefused
from portal_service.domain import report_groups
from portal_service.domain.report_groups import Groups, Overview
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.typed import typed_of
from portal_service.entrypoints.viewer import SignedIn, Viewer

router = APIRouter(prefix="/rollouts/{rollout_id}/report-groups", include_in_schema=False)


@router.get("")
async def show(
    request: Request, viewer: SignedIn, rollout_id: UUID, proposal: str = ""
) -> Response:
    """The form has the groups as they are; with `proposal`, as the platform proposes."""
    found = await _overview(viewer, rollout_id)
    numbers = report_groups.numbers_of(found.free_groups)
    if proposal:
        numbers = found.proposed_numbers
    return await _page(request, viewer, rollout_id, found, numbers, found.groups)


@router.post("")
async def join(request: Request, viewer: SignedIn, rollout_id: UUID) -> Response:
    """From the form to its preview and back, and from there to the service.

    The form carries the groups that it was made from: if they have changed meanwhile, it comes
    back with both.
    """
    viewer.admit("report_groups.join")
    typed = await typed_of(request)
    seen = report_groups.unpacked(typed.get("seen", ""))
    numbers = report_groups.typed_numbers(typed)
    groups = report_groups.joined_by(numbers, seen)
    wrong = report_groups.wrong_in(numbers)
    found, step = await _overview(viewer, rollout_id), typed.get("step")
    if wrong or step not in ("preview", "save"):
        return await _page(request, viewer, rollout_id, found, numbers, seen, wrong=wrong)
    if step == "preview":
        return await _page(request, viewer, rollout_id, found, numbers, seen, preview=groups)
    try:
        body = {"groups": groups, "expected_groups": seen}
        await viewer.put("assessment", f"/rollouts/{rollout_id}/report-groups", body)
    except ServiceRefused as refusal:
        found = await _overview(viewer, rollout_id)
        changed = refusal.code == "report-groups-changed"
        return await _page(
            request,
            viewer,
            rollout_id,
            found,
            numbers,
            found.groups if changed else seen,
            refusal=refusal,
            faults=report_groups.faults_in(groups, refusal.errors),
            differing=found.differences(groups, found.groups) if changed else (),
        )
    return RedirectResponse(f"/rollouts/{rollout_id}/report-groups?done=yes", 303)


async def _overview(viewer: Viewer, rollout_id: UUID) -> Overview:
    viewer.admit("report_groups.read")
    return Overview(await viewer.get("assessment", f"/rollouts/{rollout_id}/report-groups"))


async def _page(
    request: Request,
    viewer: Viewer,
    rollout_id: UUID,
    found: Overview,
    numbers: Mapping[str, str],
    seen: Groups,
    *,
    wrong: Sequence[str] = (),
    preview: Groups | None = None,
    refusal: ServiceRefused | None = None,
    faults: Mapping[str, Sequence[str]] | None = None,
    differing: Sequence[tuple[str, str, str]] = (),
) -> Response:
    """`numbers`: what the fields have, by unit. `seen`: the groups that the form replaces."""
    part, show_all = Partial(viewer), "all" in request.query_params
    rollout: dict[str, Any] | None = await part.get("workflow", f"/rollouts/{rollout_id}")
    return app_of(request).pages.render(
        request,
        "report_groups",
        status=refusal.status if refusal else 422 if wrong else 200,
        rollout_id=rollout_id,
        rollout_name=rollout["name"] if rollout else str(rollout_id),
        away=part.away,
        found=found,
        rows=found.rows(numbers, show_all),
        show_all=show_all,
        numbers=numbers,
        seen=report_groups.packed(seen),
        wrong=wrong,
        preview=preview,
        refusal=refusal,
        faults=faults or {},
        differing=differing,
        done="done" in request.query_params,
    )
