"""What a comparison leaves for a person is an open problem until it is not found any more."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.pages import page
from workflow_service.application.rollout.open_problems import list_open_problems
from workflow_service.application.rollout.reconciling import TODOS, reconcile


class Others:
    """Services that know one unit, and nothing else."""

    def __init__(self) -> None:
        self.units: dict[str, int] = {"lost": 1}

    async def unit_versions(self) -> Mapping[str, Mapping[str, int]]:
        return {"content": self.units}

    async def published(self) -> list[Any]:
        return []

    async def rounds(self) -> list[Any]:
        return []

    async def assignments(self) -> list[Any]:
        return []

    async def nudge_wave(self, *_: object) -> None: ...


async def test_a_difference_is_one_open_problem_however_often_it_is_found() -> None:
    uow, others = FakeUnitOfWork(), Others()

    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    for _ in range(2):
        (found,) = await reconcile(opened, others, others)  # type: ignore[arg-type]
        assert found.code == "unit-lost"
        (problem,), total = await list_open_problems(page(0, 50), uow)
        assert (problem.unit_id, problem.code, problem.rollout_id, problem.step, total) == (
            *("lost", "unit-lost", None, None, 1),
        )
        assert problem.detail == "It is known to content, and not registered: import it again."
    others.units.clear()
    assert await reconcile(opened, others, others) == []  # type: ignore[arg-type]
    assert await list_open_problems(page(0, 50), uow) == ([], 0)


def test_every_todo_says_what_is_meant() -> None:
    for text in TODOS.values():
        assert text.format(what="x")[0].isupper()
