"""The erasure of a person: what names them is removed in every service that stores it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from people_service.domain.errors import DomainError

HERE = "people"
ELSEWHERE = ("notification",)
"""The other services that store ids of persons. Each has to confirm."""


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Says that somebody is to be forgotten, never who."""

    erasure_id: UUID


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How many rows a service removed or blanked, by table."""

    service: str
    rows: Mapping[str, int]
    confirmed_at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """`person_id` is kept only until every service has confirmed."""

    erasure_id: UUID
    person_id: str | None
    asked_at: datetime
    confirmations: tuple[Confirmation, ...]

    @property
    def awaited(self) -> tuple[str, ...]:
        """The services that have not confirmed."""
        there = {one.service for one in self.confirmations}
        return tuple(service for service in (HERE, *ELSEWHERE) if service not in there)

    def confirmed(self, service: str, rows: Mapping[str, int], now: datetime) -> "Erasure":
        """The erasure with this confirmation; a repeated one changes nothing.

        Raises DomainError `unknown-service`.
        """
        if service not in ELSEWHERE:
            detail = f"Nothing is awaited of {service}: it stores no ids of persons."
            errors = [{"pointer": "/service", "detail": detail}]
            raise DomainError("unknown-service", "invalid", detail, errors)
        if service not in self.awaited:
            return self
        added = Confirmation(service, rows, now)
        after = replace(self, confirmations=(*self.confirmations, added))
        return after if after.awaited else replace(after, person_id=None)


def is_telling(word: str) -> bool:
    """Whether it names somebody also within a sentence.

    A single ordinary word does not. Otherwise the erasure of a person of this name or id would
    erase the reason of everything whose reason has this word.
    """
    return any(one.isdigit() or one in "@ " for one in word)


def mentions(sentence: str, words: Collection[str]) -> bool:
    """Whether it names somebody who is called by these words."""
    return any(
        re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", sentence, re.IGNORECASE)
        for word in words
        if is_telling(word)
    )


def without_references(document: Mapping[str, Any], resource_id: str) -> dict[str, Any]:
    """A SCIM document without what refers to this user: members of a group, somebody's manager."""
    return {
        name: _without(value, resource_id)
        for name, value in document.items()
        if not _refers(value, resource_id)
    }


def _without(value: Any, resource_id: str) -> Any:
    if isinstance(value, Mapping):
        return without_references(value, resource_id)
    if isinstance(value, list):
        return [_without(one, resource_id) for one in value if not _refers(one, resource_id)]
    return value


def _refers(value: Any, resource_id: str) -> bool:
    return isinstance(value, Mapping) and str(value.get("value", "")).lower() == resource_id
