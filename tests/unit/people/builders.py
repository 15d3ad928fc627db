"""Valid examples, of which a test changes what it needs. All people are samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from people_service.domain.delegation import Delegation
from people_service.domain.errors import DomainError
from people_service.domain.person import Assignment, Language, Person
from people_service.domain.roles import RoleName

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_EMPLOYEE: tuple[RoleName, str] = ("employee", "rehab")


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[DomainError]]:
    """The block must raise a DomainError with this code."""
    with pytest.raises(DomainError) as caught:
        yield caught
    assert caught.value.code == code


def deputised(account: UUID, **changes: Any) -> Delegation:
    """p-0002 stands in for p-0001, manager of rehab with this account, for a week from NOW."""
    given = Delegation(
        delegation_id=UUID(int=1),
        role="deputy",
        unit_id="rehab",
        principal_id="p-0001",
        delegate_id="p-0002",
        standing_for=account,
        valid_from=date(2026, 3, 2),
        valid_to=date(2026, 3, 9),
        on_paper=False,
    )
    return replace(given, **changes)


def person(number: int, *assignments: tuple[RoleName, str], language: Language = "sv") -> Person:
    """Exempelperson <number> with (role, unit) assignments; by default employee of rehab."""
    return Person(
        person_id=f"p-{number:04}",
        name=f"Exempelperson {number:04}",
        email=f"person{number:04}@example.se",
        language=language,
        assignments=frozenset(Assignment(*one) for one in assignments or (_EMPLOYEE,)),
    )
