"""HTTP: rollout templates, as versioned immutable data."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from workflow_service.application.ports import StoredTemplate, UnitOfWork
from workflow_service.application.template import handlers as template_handlers
from workflow_service.entrypoints.app import app_of
from workflow_service.entrypoints.http.fields import CODE
from workflow_service.entrypoints.http.template_schemas import (
    CheckedTemplateBody,
    TemplateBody,
    TemplateDocument,
    warnings_of,
)

router = APIRouter(tags=["templates"])

Reader = Annotated[Principal, may("templates.read")]
Publisher = Annotated[Principal, may("templates.publish")]


@router.post("/templates", status_code=201, response_model=TemplateBody)
async def register_template(
    request: Request, caller: Publisher, key: IdempotencyKey, body: TemplateDocument
) -> Response:
    """Register the next version of a template. Durations are ISO 8601, thresholds per cent.

    A version never changes; registering the same document again has no effect.
    """
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> TemplateBody:
            document = body.model_dump(mode="json")
            return await _body(await template_handlers.register_template(document, uow), uow)

        return await idempotent(uow, key, produce, status=201)


@router.post("/templates/check")
async def check_template(
    request: Request, caller: Publisher, body: TemplateDocument
) -> CheckedTemplateBody:
    """Check a version before it is registered: what registering would refuse is refused here too.

    Nothing is stored.
    """
    async with app_of(request).uow() as uow:
        template = await template_handlers.check_template(body.model_dump(mode="json"), uow)
        unknown = await template_handlers.unknown_references(template, uow)
    return CheckedTemplateBody(warnings=warnings_of(unknown))


@router.get("/templates")
async def list_templates(request: Request, caller: Reader, page: PageQuery) -> Page[TemplateBody]:
    """All versions of all templates, by id and version."""
    async with app_of(request).uow().at_one_moment() as uow:
        stored, total = await uow.templates.page(page)
        items = [await _body(template, uow) for template in stored]
    return page.holding(items, total)


@router.get("/templates/{template_id}/versions/{version}")
async def get_template(
    request: Request,
    caller: Reader,
    template_id: Annotated[str, Path(pattern=CODE)],
    version: Annotated[int, Path(ge=1, le=1_000_000)],
) -> TemplateBody:
    """One version of a template."""
    async with app_of(request).uow() as uow:
        return await _body(await template_handlers.get_template(template_id, version, uow), uow)


async def _body(stored: StoredTemplate, uow: UnitOfWork) -> TemplateBody:
    unknown = await template_handlers.unknown_references(stored.template, uow)
    return TemplateBody.of(stored, unknown)
