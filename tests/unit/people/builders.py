"""Valid examples, of which a test changes what it needs. All people are samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

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


def person(number: int, *assignments: tuple[RoleName, str], language: Language = "sv") -> Person:
    """Exempelperson <number> with (role, unit) assignments; by default employee of rehab."""
    return Person(
        person_id=f"p-{number:04}",
        name=f"Exempelperson {number:04}",
        email=f"person{number:04}@example.se",
        language=language,
        assignments=frozenset(Assignment(*one) for one in assignments or (_EMPLOYEE,)),
    )
