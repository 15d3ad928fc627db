"""Template versions are registered once and never change."""

import copy

import pytest

from unit.workflow.fakes import FakeUnitOfWork
from unit.workflow.template.sample import DOCUMENT
from workflow_service.application.template.handlers import (
    check_template,
    get_template,
    register_template,
)
from workflow_service.domain.errors import DomainError


async def test_a_version_is_registered_once() -> None:
    uow = FakeUnitOfWork()
    first = await register_template(DOCUMENT, uow)
    assert await register_template(copy.deepcopy(DOCUMENT), uow) == first
    assert await get_template("um", None, uow) == first
    second = await register_template({**DOCUMENT, "version": 2}, uow)
    assert await get_template("um", None, uow) == second
    assert await get_template("um", 1, uow) == first


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": {"sv": "Ny", "en": "New"}}, "template-version-taken"),
        ({"version": 3}, "template-version-gap"),
        ({"pilot_gate": {"name": "x", "criteria": []}}, "template-invalid"),
    ],
)
async def test_a_version_never_changes_and_none_is_skipped(
    changes: dict[str, object], code: str
) -> None:
    uow = FakeUnitOfWork()
    await register_template(DOCUMENT, uow)
    for use_case in (check_template, register_template):
        with pytest.raises(DomainError) as caught:
            await use_case({**DOCUMENT, **changes}, uow)
        assert caught.value.code == code


async def test_a_check_stores_nothing() -> None:
    uow = FakeUnitOfWork()
    assert (await check_template(DOCUMENT, uow)).template_id == "um"
    with pytest.raises(DomainError):
        await get_template("um", None, uow)


async def test_an_unknown_template_is_not_found() -> None:
    with pytest.raises(DomainError, match="no version 4 of template 'um'"):
        await get_template("um", 4, FakeUnitOfWork())
