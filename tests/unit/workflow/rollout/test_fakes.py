"""The repository in memory does what every rollout repository must do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.rollout.port_scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
async def test_fake_repository(scenario: Scenario) -> None:
    uow = FakeUnitOfWork()

    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    await scenario(opened)
