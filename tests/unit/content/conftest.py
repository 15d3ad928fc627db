"""A unit of work in memory, for the tests of the use cases."""

from datetime import UTC, datetime

import pytest

from content_service.application import handlers, module_handlers
from content_service.domain.unit import Unit
from unit.content.builders import content
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import ROLLOUT


@pytest.fixture
async def uow() -> FakeUnitOfWork:
    """Two units below the region, and two published modules."""
    made = FakeUnitOfWork(now=datetime(2026, 3, 1, 12, tzinfo=UTC))
    for unit_id, parent_id in (("region", None), ("rehab", "region"), ("hjarta", "region")):
        await made.units.save(Unit(unit_id, parent_id, unit_id.title(), 10, 1))
    await handlers.record_rollout(ROLLOUT, ("rehab", "hjarta"), made)
    for module_id in ("start", "samtal"):
        await module_handlers.create_module(module_id, content(), made)
        await module_handlers.publish_module(module_id, None, made)
    made.events.clear()
    return made
