"""HTTP: the library of modules, and the editors' drafts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from content_service.application import module_handlers, queries
from content_service.domain.module import Behaviour, Language, Phase
from content_service.entrypoints.app import ModuleEditor, ModuleId, ModuleReader, app_of
from content_service.entrypoints.http.module_schemas import (
    ExpectedDraftBody,
    ModuleBody,
    ModuleCard,
    NewModuleBody,
    PublishedBody,
    RevisedDraftBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(tags=["modules"])

OnlyLanguage = Annotated[
    Language | None, Query(description="Return only this language; by default both.")
]


@router.post("/modules", status_code=201, response_model=ModuleBody)
async def create_module(
    request: Request, caller: ModuleEditor, key: IdempotencyKey, body: NewModuleBody
) -> Response:
    """Create a module with its first draft. Only editors see it before it is published."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> ModuleBody:
            made = await module_handlers.create_module(body.module_id, body.content(), uow)
            return ModuleBody.of(made)

        return await idempotent(uow, key, produce, status=201)


@router.get("/modules/{module_id}/draft")
async def get_draft(request: Request, caller: ModuleEditor, module_id: ModuleId) -> ModuleBody:
    """The module's present draft."""
    async with app_of(request).uow() as uow:
        return ModuleBody.of(await queries.get_draft(module_id, uow))


@router.put("/modules/{module_id}/draft")
async def revise_draft(
    request: Request, caller: ModuleEditor, module_id: ModuleId, body: RevisedDraftBody
) -> ModuleBody:
    """Replace the draft. Published versions stay unchanged."""
    async with app_of(request).uow().by(caller) as uow:
        revised = await module_handlers.revise_draft(
            module_id, body.content(), body.expected_hash, uow
        )
    return ModuleBody.of(revised)


@router.post("/modules/{module_id}/publish", response_model=PublishedBody)
async def publish_module(
    request: Request,
    caller: ModuleEditor,
    key: IdempotencyKey,
    module_id: ModuleId,
    body: ExpectedDraftBody | None = None,
) -> Response:
    """Publish the draft, complete in both languages, as the next version, which never changes."""
    expected_hash = body.expected_hash if body else None
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> PublishedBody:
            published = await module_handlers.publish_module(module_id, expected_hash, uow)
            return PublishedBody.of(published, language=None)

        return await idempotent(uow, key, produce)


@router.get("/modules")
async def list_modules(
    request: Request,
    caller: ModuleReader,
    page: PageQuery,
    behaviour: Behaviour | None = None,
    phase: Phase | None = None,
    language: OnlyLanguage = None,
) -> Page[ModuleCard]:
    """The library: the latest version of every published module, by id."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.modules.page(behaviour, phase, page)
    return page.holding([ModuleCard.of(published, language) for published in found], total)


@router.get("/module-drafts")
async def list_drafts(request: Request, caller: ModuleEditor, page: PageQuery) -> Page[ModuleBody]:
    """Every module with its draft, published or not, by id."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.modules.drafts(page)
    return page.holding([ModuleBody.of(module) for module in found], total)


@router.get("/modules/{module_id}")
async def get_module(
    request: Request, caller: ModuleReader, module_id: ModuleId, language: OnlyLanguage = None
) -> PublishedBody:
    """The latest published version in full."""
    async with app_of(request).uow() as uow:
        return PublishedBody.of(await queries.get_newest(module_id, uow), language)


@router.get("/modules/{module_id}/versions/{version}")
async def get_version(
    request: Request,
    caller: ModuleReader,
    module_id: ModuleId,
    version: Annotated[int, Path(ge=1, le=1_000_000)],
    language: OnlyLanguage = None,
) -> PublishedBody:
    """One published version in full."""
    async with app_of(request).uow() as uow:
        published = await queries.get_version(module_id, version, uow)
    return PublishedBody.of(published, language)
