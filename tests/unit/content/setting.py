"""What tests of the use cases share: two units in a region, and calls with usual values."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from content_service.application import handlers
from content_service.application.commands import AssignModules, HoldMeeting
from content_service.application.ports import Scope
from content_service.domain.assignment import Assignment
from content_service.domain.errors import DomainError
from support.scopes import trees
from unit.content.fakes import FakeUnitOfWork

ROLLOUT = UUID("00000000-0000-4000-8000-000000000001")
TODAY = date(2026, 3, 1)
IN_REGION: Scope = trees("region")
ELSEWHERE: Scope = trees("kopingshemmet")


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(DomainError) as caught:
        yield
    assert caught.value.code == code


async def assign(uow: FakeUnitOfWork, *unit_ids: str) -> list[Assignment]:
    command = AssignModules(ROLLOUT, unit_ids, ("start",))
    assigned, _ = await handlers.assign_modules(command, None, uow)
    return assigned


def hold(**changes: Any) -> HoldMeeting:
    asked: dict[str, Any] = {
        "rollout_id": ROLLOUT,
        "unit_id": "rehab",
        "assignment_id": None,
        "variant": "30",
        "held_on": TODAY,
        "headcount": 9,
    }
    return HoldMeeting(**{**asked, **changes})
