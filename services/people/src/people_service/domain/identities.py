"""Whose an identity at an identity provider is, as an administrator sees it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

BindingRefusal = Literal[
    "another-person", "another-identity", "another-account", "released", "released-from-another"
]
"""Why an identity is not taken for a person's: it is another person's, the person has another one
at this provider, somebody acted by it with another account than the person's while nobody knew
whose it was, or an administrator has released it, from this person or from another one."""
JOINABLE: tuple[BindingRefusal, ...] = ("another-account", "released-from-another")
"""What an administrator may decide: that the identity is the person's after all."""

SHOWN_DAYS = 30
"""For so long a refusal that is not repeated is listed."""


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """Somebody at a provider, who has signed in here. `subject` is what the provider calls them."""

    identity_id: UUID
    issuer: str
    subject: str
    first_seen: date
    last_used: date


@dataclass(frozen=True, slots=True)
class Released:
    """Who took an identity from a person, why, and when."""

    issuer: str
    subject: str
    released_at: datetime
    released_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class RefusedBinding:
    """An identity that waits for an administrator.

    `named` is the person whom the token names, None if nobody is known by that id; `belongs_to` the
    person whose it is.
    """

    issuer: str
    subject: str
    why: BindingRefusal
    named: str | None
    belongs_to: str | None
    since: datetime
    last: datetime
