"""An import notes how far it is, also one that is refused."""

import pytest

from people_service.application.import_progress import ImportStep
from people_service.application.person_import import import_persons
from people_service.domain.errors import DomainError
from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.test_person_import import file, row


class Noted:
    def __init__(self) -> None:
        self.steps: list[tuple[ImportStep, int, int]] = []

    async def note(self, step: ImportStep, done: int = 0, total: int = 0) -> None:
        self.steps.append((step, done, total))


async def test_persons_are_stored_a_thousand_at_a_time() -> None:
    noted = Noted()
    rows = (row(number) for number in range(2_500))
    await import_persons(file(*rows), FakeUnitOfWork(Store()), noted)
    stored = [("storing", done, 2_500) for done in (0, 1_000, 2_000, 2_500)]
    assert noted.steps == [("comparing", 0, 0), *stored]


async def test_a_dry_run_and_a_refused_import_store_nothing() -> None:
    trial, refused = Noted(), Noted()
    await import_persons(file(row(1), dry_run=True), FakeUnitOfWork(Store()), trial)
    with pytest.raises(DomainError):
        await import_persons(file(row(1, name="")), FakeUnitOfWork(Store()), refused)
    assert trial.steps == refused.steps == [("comparing", 0, 0)]
