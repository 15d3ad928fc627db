"""Template versions are registered once and never change."""

import copy
from datetime import UTC, datetime

import pytest

from unit.workflow.organisation.fakes import FakeUnitsUnitOfWork
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.template.handlers import get_template, register_template
from workflow_service.domain.errors import DomainError

NOW = datetime(2026, 3, 1, tzinfo=UTC)


async def test_a_version_is_registered_once() -> None:
    uow = FakeUnitsUnitOfWork()
    first = await register_template(DOCUMENT, NOW, uow)
    assert await register_template(copy.deepcopy(DOCUMENT), NOW, uow) == first
    assert await get_template("um", None, uow) == first
    second = await register_template({**DOCUMENT, "version": 2}, NOW, uow)
    assert await get_template("um", None, uow) == second
    assert await get_template("um", 1, uow) == first


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": {"sv": "Ny", "en": "New"}}, "template-version-taken"),
        ({"version": 3}, "template-version-gap"),
        ({"version": 0}, "template-invalid"),
    ],
)
async def test_a_version_never_changes_and_none_is_skipped(
    changes: dict[str, object], code: str
) -> None:
    uow = FakeUnitsUnitOfWork()
    await register_template(DOCUMENT, NOW, uow)
    with pytest.raises(DomainError) as caught:
        await register_template({**DOCUMENT, **changes}, NOW, uow)
    assert caught.value.code == code


async def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(DomainError, match="no version 4 of template 'um'"):
        await get_template("um", 4, FakeUnitsUnitOfWork())
