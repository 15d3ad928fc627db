"""The erasure of a person: what names them is removed in every service that stores it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from people_service.domain.errors import DomainError

HERE = "people"
ELSEWHERE = ("assessment", "content", "notification", "workflow")
"""The other services that store ids of persons, or free texts. Each has to confirm."""
_SHORTEST_ID = 4
_PHONE = re.compile(r"\+\d{6,}")
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)


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
    """`person_id`, and `words` by which texts name them, stay until every service has confirmed.

    `awaited` are the services that have not.
    """

    erasure_id: UUID
    person_id: str | None
    words: frozenset[str]
    asked_at: datetime
    confirmations: tuple[Confirmation, ...]
    awaited: tuple[str, ...] = ELSEWHERE

    def confirmed(self, service: str, rows: Mapping[str, int], now: datetime) -> "Erasure":
        """The erasure with this confirmation; a repeated one changes nothing.

        Raises DomainError `unknown-service`.
        """
        if service not in ELSEWHERE:
            detail = f"Nothing is awaited of {service}: it stores nothing that names persons."
            errors = [{"pointer": "/service", "detail": detail}]
            raise DomainError("unknown-service", "invalid", detail, errors)
        if service not in self.awaited:
            return self
        added = Confirmation(service, rows, now)
        left = tuple(one for one in self.awaited if one != service)
        after = replace(self, confirmations=(*self.confirmations, added), awaited=left)
        return after if left else replace(after, person_id=None, words=frozenset())


def identifies(word: str) -> bool:
    """Whether it names somebody also within a sentence: an address, a phone number, a name of
    several words, or an id with a letter and a digit, of four characters or more.

    A single ordinary word, a number and a UUID do not: they may be anything in a text.
    """
    letter, digit = any(map(str.isalpha, word)), any(map(str.isdigit, word))
    if "@" in word or _PHONE.fullmatch(word):
        return True
    if " " in word:
        return letter
    return letter and digit and len(word) >= _SHORTEST_ID and not _UUID.fullmatch(word)


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
