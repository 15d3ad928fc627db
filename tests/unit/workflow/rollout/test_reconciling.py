"""What a comparison leaves for a person is an open problem until it is not found any more."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.journey.test_asking import FakePeers
from unit.workflow.pages import page
from workflow_service.__main__ import reconcile as command
from workflow_service.application.journey.reconciling import KnownAssignment
from workflow_service.application.ports import Difference
from workflow_service.application.rollout.open_problems import list_open_problems
from workflow_service.application.rollout.reconciling import NOTES, TODOS, note, reconcile, todo


class Others:
    """Services that know one unit, and nothing else."""

    def __init__(self) -> None:
        self.units: dict[str, int] = {"lost": 1}
        self.given: list[KnownAssignment] = []

    async def unit_versions(self) -> Mapping[str, Mapping[str, int]]:
        return {"content": self.units}

    async def published(self) -> list[Any]:
        return []

    async def rounds(self) -> list[Any]:
        return []

    async def assignments(self) -> list[KnownAssignment]:
        return self.given

    async def nudge_wave(self, *_: object) -> None: ...


async def test_a_difference_is_one_open_problem_however_often_it_is_found() -> None:
    uow, others = FakeUnitOfWork(), Others()

    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    for _ in range(2):
        (found,) = await reconcile(opened, others, others, FakePeers())  # type: ignore[arg-type]
        assert found.code == "unit-lost"
        (problem,), total = await list_open_problems(page(0, 50), uow)
        assert (problem.unit_id, problem.code, problem.rollout_id, problem.step, total) == (
            *("lost", "unit-lost", None, None, 1),
        )
        assert problem.detail == "It is known to content, and not registered: import it again."
    others.units.clear()
    assert await reconcile(opened, others, others, FakePeers()) == []  # type: ignore[arg-type]
    assert await list_open_problems(page(0, 50), uow) == ([], 0)


def test_every_todo_says_what_is_meant() -> None:
    for text in (*TODOS.values(), *NOTES.values()):
        assert text.format(what="x")[0].isupper()


async def test_what_nobody_can_do_anything_about_is_a_note_and_no_open_problem() -> None:
    uow, others = FakeUnitOfWork(), Others()
    others.units.clear()
    others.given.append(KnownAssignment(uuid4(), uuid4(), "lost", "start"))

    @asynccontextmanager
    async def opened() -> AsyncIterator[FakeUnitOfWork]:
        yield uow

    (found,) = await reconcile(opened, others, others, FakePeers())  # type: ignore[arg-type]
    assert (found.code, todo(found)) == ("modules-not-given", "")
    assert note(found)
    assert await list_open_problems(page(0, 50), uow) == ([], 0)


class App:
    copies = ("assessment", "content")

    def __init__(self, *found: Difference) -> None:
        self.found = list(found)

    async def reconcile(self) -> list[Difference]:
        return self.found


async def test_the_command_ends_with_0_if_there_are_notes_only(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = Difference("contradictory", "round", None, "rehab", "baseline", "round-lost")
    await command(App(lost))  # type: ignore[arg-type]
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("note, contradictory round: unit rehab, Its results are published")
    assert said[1:] == [
        "Copies of units compared: assessment, content",
        "1 notes: nothing can be done about them, and they do not count",
        "0 differences: 0 asked for again, 0 for a person",
    ]
    open_again = Difference("contradictory", "round", None, "rehab", "1", "round-open-again")
    with pytest.raises(SystemExit, match="1"):
        await command(App(lost, open_again))  # type: ignore[arg-type]
    assert capsys.readouterr().out.endswith("1 differences: 0 asked for again, 1 for a person\n")
