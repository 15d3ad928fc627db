"""The use cases of editors: write a draft, publish it. Each runs inside an open unit of work and
never commits."""

from dataclasses import replace

from content_service.application.differences import changed_fields
from content_service.application.ports import UnitOfWork
from content_service.domain import module as modules
from content_service.domain.errors import DomainError
from content_service.domain.module import Module, ModuleContent, PublishedModule


async def create_module(module_id: str, draft: ModuleContent, uow: UnitOfWork) -> Module:
    """Return a new module with its first draft. Raises DomainError `module-exists`."""
    module = Module(module_id, draft)
    if not await uow.modules.add(module):
        detail = f"Module {module_id} exists already. Change its draft, or choose another id."
        raise DomainError("module-exists", "conflict", detail)
    uow.audit("modules.edit/create_module", f"module/{module_id}")
    return module


async def revise_draft(
    module_id: str, draft: ModuleContent, expected_hash: str | None, uow: UnitOfWork
) -> Module:
    """Return the module with a new draft.

    `expected_hash` is that of the draft which it replaces; None replaces whatever there is.
    Raises DomainError `module-unknown` or `module-changed`.
    """
    module = await _lock(module_id, expected_hash, uow)
    revised = replace(module, draft=draft)
    await uow.modules.save(revised)
    if changed := changed_fields(module.draft, draft):
        subject = f"module/{module_id}"
        uow.audit("modules.edit/revise_draft", subject, after={"changed": changed})
    return revised


async def publish_module(
    module_id: str, expected_hash: str | None, uow: UnitOfWork
) -> PublishedModule:
    """Publish the draft as the next version, which never changes.

    `expected_hash` is that of the draft which is meant; None means whatever there is. Raises
    DomainError `module-unknown`, `module-changed`, `module-incomplete` or `nothing-to-publish`.
    """
    draft = await _lock(module_id, expected_hash, uow)
    module, published, event = modules.publish(draft, await uow.now())
    await uow.modules.save(module)
    await uow.modules.add_version(published)
    content = published.content
    await uow.search.put("module", module_id, content.title, content.summary)
    uow.record(event)
    before = {"version": draft.version, "content_hash": draft.published_hash}
    after = {"version": published.version, "content_hash": published.content_hash}
    uow.audit("modules.edit/publish_module", f"module/{module_id}", before, after)
    return published


async def _lock(module_id: str, expected_hash: str | None, uow: UnitOfWork) -> Module:
    module = await uow.modules.lock(module_id)
    if module is None:
        raise module_unknown(module_id)
    if expected_hash not in (None, modules.content_hash(module.draft)):
        detail = f"The draft of {module_id} was changed meanwhile. Read it again."
        raise DomainError("module-changed", "conflict", detail)
    return module


def module_unknown(module_id: str, version: int | None = None) -> DomainError:
    """The error for a module, or a version of it, that does not exist."""
    what = f"module {module_id}" + (f" version {version}" if version else "")
    return DomainError("module-unknown", "not_found", f"There is no {what}.")
