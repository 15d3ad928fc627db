"""What is published and not known is noted; what is known and was lost is listed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from unit.workflow.fakes import FakeUnitOfWork
from workflow_service.application.ports import Difference, Reference
from workflow_service.application.template.reconciling import reconcile_references


class FakeLibrary:
    def __init__(self, *known: Reference) -> None:
        self.known = known

    async def published(self) -> tuple[Reference, ...]:
        return self.known


async def compared(uow: FakeUnitOfWork, *published: Reference) -> list[Difference]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    return await reconcile_references(opened, FakeLibrary(*published))


async def test_what_is_published_and_not_known_is_noted_once() -> None:
    uow = FakeUnitOfWork()
    published = (Reference("instrument", "um", 1), Reference("module", "start", 2))
    found = await compared(uow, *published)
    assert [(one.kind, one.subject, one.what, one.code) for one in found] == [
        ("missing", "module", "start 2", ""),
        ("missing", "instrument", "um 1", ""),
    ]
    assert await uow.references.unknown(published) == []
    assert await compared(uow, *published) == []


async def test_what_the_library_has_lost_is_left_for_a_person() -> None:
    uow = FakeUnitOfWork()
    for version in (1, 2):
        await uow.references.add("instrument", "um", version)
        await uow.references.add("module", "start", version)
    await uow.references.add("module", "gone", 1)
    found = await compared(uow, Reference("instrument", "um", 1), Reference("module", "start", 2))
    assert [(one.kind, one.what, one.code) for one in found] == [
        ("orphan", "gone 1", "module-lost"),
        ("orphan", "um 2", "instrument-lost"),
    ]
