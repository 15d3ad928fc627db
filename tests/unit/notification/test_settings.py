"""Settings with which no process starts. The error names the setting and shows no secret."""

from typing import Any

import pytest
from pydantic import ValidationError

from notification_service.settings import Settings

KEY = "a signing key of thirty-two characters"
PLAIN: dict[str, Any] = {
    "environment": "local",
    "db": {"dsn": "postgresql://app@localhost/notification"},
    "kafka": {"bootstrap_servers": "localhost:9092"},
    "http": {"port": 1},
    "auth": {"issuer": "https://issuer.example.se"},
    "client": {"client_id": "notification-service", "client_secret": KEY},
    "people": {"url": "https://people.example.se"},
    "assessment": {"url": "https://assessment.example.se"},
    "smtp": {"host": "mail.example.se", "sender": "um@example.se"},
    "links": {"portal_url": "https://um.example.se"},
    "webhook": {"signing_keys": [KEY]},
    "retention": {},
    "reminders": {},
    "load_cap": {},
    "audit": {"signing_keys": [KEY]},
}


def settings(**changes: Any) -> Settings:
    merged = {**PLAIN}
    for name, value in changes.items():
        merged[name] = {**PLAIN[name], **value} if isinstance(value, dict) else value
    return Settings(**merged)


def test_plain_settings_are_accepted() -> None:
    assert settings().webhook.per_subscription == 4
    assert settings(reminders={"at_most": "0"}).reminders.at_most == 0  # as the environment has it
    assert (settings().load_cap.invitations, settings().load_cap.days) == (4, 90)
    settings(environment="production", smtp={"security": "starttls"})
    settings(environment="production", smtp={"channel": "null"})


def test_answers_go_to_the_contact_if_it_is_an_address() -> None:
    assert settings().smtp.reply_to is None
    assert settings(smtp={"contact": "fragor@example.se"}).smtp.reply_to == "fragor@example.se"
    assert settings(smtp={"contact": "servicedesk, 010-000 00 00"}).smtp.reply_to is None
    assert settings(smtp={"contact": "um@example.se"}).smtp.reply_to is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"webhook": {"signing_keys": []}}, "signing_keys"),
        ({"webhook": {"signing_keys": ["hunter2"]}}, "32 characters"),
        ({"webhook": {"allowed_hosts": ["http://x"]}}, "host:port"),
        ({"webhook": {"lease_seconds": 5}}, "lease_seconds"),
        ({"webhook": {"timeout_seconds": 20}}, "DEADLINE_SECONDS"),
        ({"webhook": {"retry_seconds": [0]}}, "retry_seconds"),
        ({"retention": {"days": 1}}, "greater than or equal to 7"),
        ({"reminders": {"at_most": 3}}, "at_most"),
        ({"reminders": {"after_share": 1}}, "less than 1"),
        ({"load_cap": {"invitations": 0}}, "greater than or equal to 1"),
        ({"webhook": {"typo": 1}}, "typo"),
        ({"smtp": {"sender": "um-platform"}}, "sender"),
        ({"smtp": {"channel": "pigeon"}}, "channel"),
        ({"smtp": {"sender_name": "UM\r\nBcc: x"}}, "sender_name"),
        ({"smtp": {"contact": "a\nb"}}, "contact"),
        ({"links": {"time_zone": "Europe/Västerås"}}, "time zone"),
        ({"environment": "production"}, "SMTP__SECURITY"),
        (
            {
                "environment": "production",
                "smtp": {"security": "tls"},
                "links": {"portal_url": "http://um.example.se"},
            },
            "LINKS__PORTAL_URL",
        ),
        (
            {
                "environment": "production",
                "smtp": {"security": "tls"},
                "webhook": {"allowed_hosts": ["127.0.0.1:8080"]},
            },
            "WEBHOOK__ALLOWED_HOSTS",
        ),
        (
            {
                "environment": "production",
                "smtp": {"security": "tls"},
                "webhook": {"allowed_hosts": ["hr.example.se:*"]},
            },
            "must have a port",
        ),
    ],
)
def test_unsafe_or_wrong_settings_refuse_to_start(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said) as caught:
        settings(**changes)
    messages = [error["msg"] for error in caught.value.errors()]
    assert not any("hunter2" in message or KEY in message for message in messages)
