"""Use cases of rollout templates: register a version, which never changes; read it."""

from collections.abc import Mapping
from typing import Any

from workflow_service.application.ports import Reference, StoredTemplate, UnitOfWork
from workflow_service.domain.errors import DomainError
from workflow_service.domain.template.check import check
from workflow_service.domain.template.document import template_of
from workflow_service.domain.template.template import RolloutTemplate


async def register_template(document: Mapping[str, Any], uow: UnitOfWork) -> StoredTemplate:
    """The stored version. Registering the same document again changes nothing.

    `document` has the shape that the API's schema demands.

    Raises DomainError `template-invalid`, or `template-version-taken` / `template-version-gap` if
    the version is not the next one.
    """
    template = await check_template(document, uow)
    template_id, version = template.template_id, template.version
    stored = StoredTemplate(template, document, await uow.now())
    if await uow.templates.add(stored):
        subject = f"template/{template_id}"
        uow.audit("templates.publish/register_template", subject, after={"version": version})
        return stored
    # The same document: it is there already, or was registered at the same moment.
    await check_template(document, uow)
    return await get_template(template_id, version, uow)


async def check_template(document: Mapping[str, Any], uow: UnitOfWork) -> RolloutTemplate:
    """The template, if it could be registered now; nothing is stored.

    Raises what `register_template` raises.
    """
    template = template_of(document)
    check(template)
    template_id, version = template.template_id, template.version
    latest = await uow.templates.get(template_id)
    next_version = latest.template.version + 1 if latest else 1
    if version > next_version:
        detail = f"The next version of {template_id} is {next_version}, not {version}."
        raise DomainError("template-version-gap", "conflict", detail)
    earlier = await uow.templates.get(template_id, version)
    if earlier is not None and earlier.document != document:
        detail = (
            f"Version {version} of {template_id} is registered with other content and never"
            f" changes. Register the new content as version {max(next_version, version + 1)}."
        )
        raise DomainError("template-version-taken", "conflict", detail)
    return template


def references_of(template: RolloutTemplate) -> dict[Reference, str]:
    """What the template names of other services, and where (JSON pointer) it names it first."""
    steps = template.steps
    found: dict[Reference, str] = {}
    for name, planned in (("baseline", steps.baseline), ("follow_up", steps.follow_up)):
        named = planned.instrument
        instrument = Reference("instrument", named.id, named.version)
        found.setdefault(instrument, f"/steps/{name}/instrument")
    for index, module_id in enumerate(steps.modules.module_ids):
        found.setdefault(Reference("module", module_id), f"/steps/modules/module_ids/{index}")
    return found


async def unknown_references(template: RolloutTemplate, uow: UnitOfWork) -> dict[Reference, str]:
    """Those that are not known, or not yet: the other service's event may be on its way."""
    named = references_of(template)
    return {each: named[each] for each in await uow.references.unknown(list(named))}


def unknown_detail(reference: Reference) -> str:
    """What is said about a reference that is not known."""
    what = f"{reference.kind} {reference.id}"
    what += f" version {reference.version}" if reference.version else ""
    return f"No {what} is known here. Publish it before a unit needs it, or correct the reference."


async def get_template(template_id: str, version: int | None, uow: UnitOfWork) -> StoredTemplate:
    """One version, or the newest if none is named. Raises DomainError `template-unknown`."""
    stored = await uow.templates.get(template_id, version)
    if stored is None:
        which = f"version {version} of template" if version else "template"
        detail = f"There is no {which} {template_id[:70]!r}. GET /v1/templates lists them."
        raise DomainError("template-unknown", "not_found", detail)
    return stored
