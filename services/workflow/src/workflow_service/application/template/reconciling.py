"""Compares which instruments and modules are known here with those that are published."""

from collections.abc import Collection, Iterator
from typing import Protocol

from workflow_service.application.ports import Difference, OpenUnitOfWork, Reference


class Library(Protocol):
    """What is published. Raises PeerUnavailable."""

    async def published(self) -> Collection[Reference]:
        """Every version of each instrument; of each module the newest."""


async def reconcile_references(open_uow: OpenUnitOfWork, library: Library) -> list[Difference]:
    """Note what is published and not known here; list what is known here and has been lost.

    Raises PeerUnavailable.
    """
    published = frozenset(await library.published())
    async with open_uow() as uow:
        known = await uow.references.all()
        missing = sorted(published - known, key=_named)
        for one in missing:
            await uow.references.add(one.kind, one.id, one.version or 1)
    found = [Difference("missing", one.kind, what=_named(one)) for one in missing]
    return [*found, *_lost(known, published)]


def _lost(known: Collection[Reference], published: Collection[Reference]) -> Iterator[Difference]:
    newest = {one.id: one.version or 0 for one in published if one.kind == "module"}
    for one in sorted(known, key=_named):
        if one.kind == "instrument":
            is_lost = one not in published
        else:
            is_lost = (one.version or 0) > newest.get(one.id, 0)
        if is_lost:
            yield Difference("orphan", one.kind, what=_named(one), code=f"{one.kind}-lost")


def _named(one: Reference) -> str:
    return f"{one.id} {one.version}"
