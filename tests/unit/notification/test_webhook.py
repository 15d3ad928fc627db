"""Signatures, checked with the published library, and `Retry-After`."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from notification_service.adapters.webhook import retry_after, signed_headers
from notification_service.application.ports import WebhookPost
from unit.notification.builders import KEYRING, NOW, subscription

ONE = subscription()
OLD, NEW = (
    KEYRING.secret(ONE.subscription_id, version)
    for version in (ONE.secret, type(ONE.secret)(2, KEYRING.current_id))
)


def headers(*secrets: str, now: datetime | None = None, body: str = '{"a": "å"}') -> dict[str, str]:
    post = WebhookPost(uuid4(), "https://example.se/", body, secrets)
    return dict(signed_headers(post, now or datetime.now(UTC)))


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_both_secrets_verify_during_a_rotation(secret: str) -> None:
    signed = headers(NEW, OLD)
    assert Webhook(secret).verify('{"a": "å"}', signed) == {"a": "å"}
    assert len(signed["webhook-signature"].split(" ")) == 2


def test_the_reference_vector() -> None:
    signature = Webhook("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").sign(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        '{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_secret_verifies_what_was_signed_with_another() -> None:
    other = subscription()
    foreign = KEYRING.secret(other.subscription_id, other.secret)
    with pytest.raises(WebhookVerificationError):
        Webhook(foreign).verify('{"a": "å"}', headers(NEW, OLD))


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (b"120", timedelta(minutes=2)),
        (b"0", timedelta()),
        (b"Mon, 02 Mar 2026 08:05:00 GMT", timedelta(minutes=5)),
        (b"Mon, 02 Mar 2026 07:00:00 GMT", timedelta()),
        (b"-5", None),
        (b"soon", None),
        (b"", None),
        (b"9" * 400, None),
        (b"\xff\xfe", None),
    ],
)
def test_retry_after(value: bytes, wait: timedelta | None) -> None:
    assert retry_after([(b"Retry-After", value)], NOW) == wait
