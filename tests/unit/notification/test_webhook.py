"""Signatures, checked with the published library, and what responses mean."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from notification_service.adapters.exchange import (
    from_json,
    shown_body,
    shown_headers,
    to_json,
)
from notification_service.adapters.webhook import judged, retry_after, signed_headers
from notification_service.application.sending_ports import WebhookPost
from notification_service.domain.delivery import CLOCK_SUSPECTED, Exchange
from notification_service.entrypoints.http.delivery_schemas import explanation
from unit.notification.builders import KEYRING, NOW, subscription

ONE = subscription()
OLD, NEW = (
    KEYRING.secret(ONE.subscription_id, version)
    for version in (ONE.secret, type(ONE.secret)(2, KEYRING.current_id))
)


def headers(*secrets: str, now: datetime | None = None, body: str = '{"a": "å"}') -> dict[str, str]:
    at = now or datetime.now(UTC)
    return dict(signed_headers(WebhookPost(uuid4(), at, "https://example.se/", body, secrets)))


@pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
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


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    "body",
    [
        b"Message timestamp too old",
        b'{"error": "Timestamp outside the tolerance zone"}',
        b"Message timestamp too new",
        b"bad webhook-timestamp",
    ],
)
def test_a_refused_time_names_the_clocks(status: int, body: bytes) -> None:
    outcome = judged(status, [], body, NOW)
    assert (outcome.result, outcome.reason) == ("retry", CLOCK_SUSPECTED)
    assert "clock" in outcome.reason
    assert "clock" in explanation(outcome.reason)


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"no token"), (500, b"timestamp"), (404, b"timestamp")]
)
def test_other_refusals_do_not(status: int, body: bytes) -> None:
    assert judged(status, [], body, NOW).reason == "http-error"


def test_what_is_kept_of_a_response_is_short_and_holds_no_credentials() -> None:
    headers = [(b"Set-Cookie", b"session=1"), (b"WWW-Authenticate", b"x"), (b"X-Long", b"y" * 999)]
    shown = shown_headers([*headers, *[(b"x-%d" % n, b"\0\xff") for n in range(99)]])
    assert len(shown) == 30
    assert shown[0] == ("x-long", "y" * 300 + "…")
    assert shown[1] == ("x-0", "\ufffdÿ")
    assert shown_body(b"\0" + "å".encode() * 5000).startswith("\ufffdå")
    assert len(shown_body(b"x" * 5000)) == 2048


def test_what_is_stored_of_an_exchange_is_read_back() -> None:
    one = Exchange("https://hr.example.se/", (("webhook-id", "1"),), (("a", "b"),), "body", "error")
    assert from_json(to_json(one)) == one
    assert from_json(to_json(None)) is None
