"""HTTP: rollout templates, as versioned immutable data."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from servicekit.auth import Principal, require
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from workflow_service.application.ports import StoredTemplate
from workflow_service.application.template import handlers as template_handlers
from workflow_service.domain.template.findings import CODE
from workflow_service.entrypoints.app import RegionAdministrator, app_of

router = APIRouter(tags=["templates"])

Reader = Annotated[Principal, Depends(require("administrator", "auditor", "service"))]

_ROUND = {"window": "P14D", "instrument": {"id": "um-self-assessment", "version": 1}}
_EXAMPLE = {
    "template_id": "um-introduction",
    "version": 1,
    "name": {"sv": "Införande", "en": "Introduction"},
    "steps": {
        "preparation": {"min_duration": "P28D"},
        "baseline": _ROUND,
        "modules": {"module_ids": ["start-together"], "min_duration": "P84D"},
        "follow_up": _ROUND,
        "after_care": {"checkpoints": ["P6M", "P12M"]},
    },
    "pilot_gate": {
        "name": "pilot-evaluation",
        "criteria": [
            {
                "code": "participation",
                "measure": "participation",
                "pass_at_least": 60,
                "fail_below": 40,
                "dry_run": False,
            }
        ],
    },
    "waves": {"size": 12, "verified_after": "modules", "order": "headcount", "gap": "P28D"},
    "minutes_asked": {"manager": {"preparation": 90}, "employee": {"baseline": 15}},
}


class TemplateBody(BaseModel):
    """A registered version."""

    template_id: str
    version: int
    name: dict[str, str]
    registered_at: datetime
    document: dict[str, Any] = Field(description="The template as it was registered.")

    @classmethod
    def of(cls, stored: StoredTemplate) -> "TemplateBody":
        template = stored.template
        return cls(
            template_id=template.template_id,
            version=template.version,
            name={"sv": template.name.sv, "en": template.name.en},
            registered_at=stored.registered_at,
            document=dict(stored.document),
        )


@router.post("/templates", status_code=201, response_model=TemplateBody)
async def register_template(
    request: Request,
    caller: RegionAdministrator,
    key: IdempotencyKey,
    document: Annotated[dict[str, Any], Body(examples=[_EXAMPLE])],
) -> Response:
    """Register the next version of a template. Durations are ISO 8601, thresholds percent.

    A version never changes; registering the same document again has no effect.
    """
    async with app_of(request).uow() as uow:

        async def produce() -> TemplateBody:
            now = datetime.now(UTC)
            return TemplateBody.of(await template_handlers.register_template(document, now, uow))

        return await idempotent(uow, key, produce, status=201)


@router.get("/templates")
async def list_templates(request: Request, caller: Reader, page: PageQuery) -> Page[TemplateBody]:
    """All versions of all templates, by id and version."""
    async with app_of(request).uow() as uow:
        stored, total = await uow.templates.page(page.offset, page.limit)
    items = [TemplateBody.of(template) for template in stored]
    return Page(items=items, page=page.page, limit=page.limit, total=total)


@router.get("/templates/{template_id}/versions/{version}")
async def get_template(
    request: Request,
    caller: Reader,
    template_id: Annotated[str, Path(pattern=f"^{CODE.pattern}$")],
    version: Annotated[int, Path(ge=1, le=1_000_000)],
) -> TemplateBody:
    """One version of a template."""
    async with app_of(request).uow() as uow:
        return TemplateBody.of(await template_handlers.get_template(template_id, version, uow))
