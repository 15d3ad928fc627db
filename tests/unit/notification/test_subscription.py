"""Subscriptions: registration, secrets and rotation, being disabled, being tried again."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from notification_service.domain.delivery import Outcome
from notification_service.domain.egress import EgressPolicy
from notification_service.domain.events import SubscriptionDisabled
from notification_service.domain.secret import Keyring, SecretVersion, SigningKeyMissing
from notification_service.domain.subscription import MOST_SECRETS, check_registration, matches
from unit.notification.builders import KEYRING, NOW, delivery, refused, subscription

PUBLISHED = frozenset({"external.wave.started.v1", "external.decision.published.v1"})
OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32


def test_every_fault_of_a_registration_is_named() -> None:
    with refused("subscription-invalid") as caught:
        check_registration(
            "http://127.0.0.1/",
            ["external.wave.*", "workflow.unit.registered.v1", "*"],
            PUBLISHED,
            {},
            EgressPolicy(),
        )
    pointers = {error["pointer"] for error in caught.value.errors}
    assert pointers == {"/url", "/event_types/1", "/event_types/2"}
    with refused("subscription-invalid"):
        check_registration("https://example.se/", [], PUBLISHED, {}, EgressPolicy())
    check_registration("https://example.se/", ["external.*"], PUBLISHED, {}, EgressPolicy())


def test_a_type_that_is_not_published_any_more_names_what_takes_its_place() -> None:
    old, new = "external.wave.begun.v1", "external.wave.started.v1"
    with refused("subscription-invalid") as caught:
        check_registration("https://example.se/", [old], PUBLISHED, {old: new}, EgressPolicy())
    (error,) = caught.value.errors
    assert error["detail"] == f"'{old}' is not published any more. Instead: {new}."


def test_patterns() -> None:
    assert matches("external.*", "external.wave.started.v1")
    assert matches("external.wave.*", "external.wave.started.v1")
    assert not matches("external.wave.*", "external.waves.started.v1")
    assert not matches("external.wave.started.v1", "external.wave.started.v10")


def test_secrets_are_stable_distinct_and_usable() -> None:
    one, other = subscription(), subscription()
    first = KEYRING.secret(one.subscription_id, one.secret)
    assert first == KEYRING.secret(one.subscription_id, one.secret)
    second = KEYRING.secret(one.subscription_id, SecretVersion(2, KEYRING.current_id))
    assert len({first, second, KEYRING.secret(other.subscription_id, other.secret)}) == 3
    assert first.startswith("whsec_")
    Webhook(first)


def test_a_new_signing_key_leaves_old_secrets_alone() -> None:
    one = subscription(secret=SecretVersion(1, Keyring([OLD_KEY]).current_id))
    before = Keyring([OLD_KEY]).secret(one.subscription_id, one.secret)
    both = Keyring([NEW_KEY, OLD_KEY])
    assert both.secret(one.subscription_id, one.secret) == before
    rotated = one.rotated(both.current_id, NOW, timedelta(hours=1))
    assert rotated.secret.key_id == Keyring([NEW_KEY]).current_id
    with pytest.raises(SigningKeyMissing):
        Keyring([OLD_KEY]).secret(one.subscription_id, rotated.secret)


@pytest.mark.parametrize("keys", [[], [b"short"], [OLD_KEY, b"short"]])
def test_weak_signing_keys_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(keys)


def test_both_secrets_sign_while_they_overlap() -> None:
    one = subscription()
    rotated = one.rotated(KEYRING.current_id, NOW, timedelta(hours=1))
    assert rotated.signing_versions(NOW) == [SecretVersion(2, KEYRING.current_id), one.secret]
    assert rotated.signing_versions(NOW + timedelta(hours=1)) == [rotated.secret]


def test_every_retired_secret_signs_until_the_time_promised_for_it() -> None:
    """A second rotation must not end the first one's overlap."""
    day, hour = timedelta(hours=24), timedelta(hours=1)
    rotated = subscription().rotated(KEYRING.current_id, NOW, day)
    rotated = rotated.rotated(KEYRING.current_id, NOW + hour, day)

    def signing(after: timedelta) -> list[int]:
        return [version.generation for version in rotated.signing_versions(NOW + after)]

    assert signing(hour) == [3, 2, 1]
    assert signing(day - timedelta(seconds=1)) == [3, 2, 1]
    assert signing(day) == [3, 2]
    assert signing(day + hour) == [3]


def test_a_rotation_that_would_break_a_promise_is_refused_until_one_has_ended() -> None:
    one, day, hour = subscription(), timedelta(hours=24), timedelta(hours=1)
    for n in range(MOST_SECRETS - 1):
        one = one.rotated(KEYRING.current_id, NOW + n * hour, day)
    with refused("too-many-secrets") as caught:
        one.rotated(KEYRING.current_id, NOW + 4 * hour, day)
    assert (caught.value.kind, "2026-03-03T08:00:00+00:00" in caught.value.detail) == (
        "conflict",
        True,
    )
    later = one.rotated(KEYRING.current_id, NOW + day, day)
    assert len(later.signing_versions(NOW + day)) == MOST_SECRETS


@pytest.mark.parametrize(
    ("url", "doubled"),
    [
        ("https://HR.example.se.:443/events", True),
        ("https://hr.example.se/events", True),
        ("https://hr.example.se/events?tenant=2", False),
        ("https://hr.example.se:8443/events", False),
        ("https://hr.example.se/other", False),
    ],
)
def test_the_same_events_to_the_same_endpoint_are_a_double(url: str, doubled: bool) -> None:
    one = subscription(event_types=("external.wave.*",))
    other = subscription(url=url, event_types=("external.*",))
    common = ["external.wave.started.v1"] if doubled else []
    assert one.doubles(other, PUBLISHED) == other.doubles(one, PUBLISHED) == common
    apart = subscription(url=url, event_types=("external.decision.published.v1",))
    assert one.doubles(apart, PUBLISHED) == []


def test_gone_disables_once() -> None:
    one = subscription()
    gone = Outcome("refused", "gone", 410)
    settled = delivery(one.subscription_id).settled(gone, NOW, [5], 0.5)
    disabled, fact = one.after(settled, NOW)
    assert fact == SubscriptionDisabled(one.subscription_id, "gone")
    assert disabled.after(settled, NOW) == (disabled, None)
    with refused("subscription-disabled") as caught:
        disabled.require_active()
    assert "gone" in caught.value.detail
    assert disabled.enabled() == one
    with refused("subscription-active"):
        one.enabled()


def test_an_exhausted_delivery_disables_only_a_silent_subscription() -> None:
    late = NOW + timedelta(days=3)
    exhausted = Outcome("retry", "timeout")
    silent = subscription()
    settled = delivery(silent.subscription_id).settled(exhausted, late, [], 0.5)
    assert settled.reason == "retries-exhausted"
    _, fact = silent.after(settled, late)
    assert fact == SubscriptionDisabled(silent.subscription_id, "retries-exhausted")
    heard = subscription(last_success_at=NOW + timedelta(days=1))
    assert heard.after(settled, late) == (heard, None)


def test_a_redelivery_has_the_same_id_and_the_whole_table() -> None:
    one = delivery(subscription().subscription_id)
    with refused("delivery-pending"):
        one.again(NOW)
    given_up = one.settled(Outcome("retry", "timeout"), NOW, [], 0.5)
    again = given_up.again(NOW)
    assert (again.delivery_id, again.status, again.step) == (one.delivery_id, "pending", 0)
