"""Valid examples, of which a test changes what it needs. All people are samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from notification_service.application.subscription_handlers import WebhookRules
from notification_service.domain.contact import Contact, Language
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.errors import DomainError
from notification_service.domain.secret import Keyring, SecretVersion
from notification_service.domain.subscription import Delivery, Subscription

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
_EMPLOYEE = ("employee", "rehab")
KEYRING = Keyring([b"a signing key for tests, 32 bytes"])
WAVE = "external.wave.started.v1"
RULES = WebhookRules(
    samples={WAVE: b'{"wave": 1}', "external.decision.published.v1": b"{}"},
    retired={},
    egress=EgressPolicy(),
    keyring=KEYRING,
    rotation_overlap=timedelta(hours=24),
)


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[DomainError]]:
    """The block must raise a DomainError with this code."""
    with pytest.raises(DomainError) as caught:
        yield caught
    assert caught.value.code == code


@dataclass(frozen=True)
class Person:
    """Somebody as the people service has them."""

    person_id: str
    contact: Contact
    assignments: frozenset[tuple[str, str]]


def person(number: int, *assignments: tuple[str, str], language: Language = "sv") -> Person:
    """Exempelperson <number> with (role, unit) assignments; by default employee of rehab."""
    return Person(
        person_id=f"p-{number:04}",
        contact=Contact(
            name=f"Exempelperson {number:04}",
            email=f"person{number:04}@example.se",
            language=language,
        ),
        assignments=frozenset(assignments or {_EMPLOYEE}),
    )


def subscription(owner: str = "issuer|hr", **changes: object) -> Subscription:
    values: dict[str, object] = {
        "subscription_id": uuid4(),
        "owner": owner,
        "url": "https://hr.example.se/events",
        "event_types": ("external.*",),
        "created_at": NOW,
        "secret": SecretVersion(1, KEYRING.current_id),
    }
    return Subscription(**{**values, **changes})  # type: ignore[arg-type]


def delivery(subscription_id: UUID, **changes: object) -> Delivery:
    values: dict[str, object] = {
        "delivery_id": uuid4(),
        "subscription_id": subscription_id,
        "event_type": WAVE,
        "body": "{}",
        "created_at": NOW,
        "next_attempt_at": NOW,
    }
    return Delivery(**{**values, **changes})  # type: ignore[arg-type]
