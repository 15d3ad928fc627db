"""A mail's headers: complete, and safe for any values."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

import pytest

from notification_service.adapters.email import compose
from notification_service.adapters.null import NullChannel
from notification_service.application.ports import Content, Mail
from notification_service.domain.delivery import Outcome
from unit.notification.builders import NOW

ID = UUID(int=7)


def clock() -> datetime:
    return NOW


def mail(**changes: str) -> Mail:
    values = {
        "to_name": "Åsa Exempelperson",
        "to_address": "person0001@example.se",
        "language": "sv",
        "subject": "Självskattning är öppen",
    } | changes
    return Mail(
        message_id=ID,
        to_name=values["to_name"],
        to_address=values["to_address"],
        language=values["language"],
        content=Content(values["subject"], "Hej, Åsa\n\nhttps://um.example.se/\n", "<p>Hej</p>"),
    )


def composed(mail: Mail) -> EmailMessage:
    """The mail as a mail reader parses it."""
    content = compose(mail, "um@region.example.se", clock)
    assert b"\n" not in content.replace(b"\r\n", b"")
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_and_both_parts() -> None:
    message = composed(mail())
    assert message["Message-ID"] == f"<{ID}@region.example.se>"
    assert message["To"] == "Åsa Exempelperson <person0001@example.se>"
    assert message["Subject"] == "Självskattning är öppen"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 02 Mar 2026 08:00:00 +0000"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    assert compose(mail(), "um@region.example.se", clock).isascii()
    (text, _) = message.iter_parts()
    assert text.get_content().splitlines() == ["Hej, Åsa", "", "https://um.example.se/"]


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hi\r\nBcc: all@example.se"},
        {"subject": "Hi\nBcc: all@example.se"},
        {"to_name": "Name\r\nBcc: all@example.se"},
        {"to_address": "a@example.se\r\nBcc: all@example.se"},
        {"to_address": "a@example.se, b@example.se"},
        {"to_address": "a@example.se> RCPT TO:<b@example.se"},
        {"language": "sv\r\nBcc: all@example.se"},
    ],
)
def test_header_injection_is_impossible(changes: dict[str, str]) -> None:
    try:
        message = composed(mail(**changes))
    except ValueError:
        return
    assert message["Bcc"] is None
    assert len(message["To"].addresses) == 1


@pytest.mark.parametrize("name", ['"Quoted" <x@evil.se>', "a@b, c", "Exempel, Person", "x" * 190])
def test_a_strange_name_stays_a_name(name: str) -> None:
    message = composed(mail(to_name=name))
    (address,) = message["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "person0001@example.se")


async def test_the_null_channel_takes_everything() -> None:
    channel = NullChannel()
    assert await channel.send(mail()) == Outcome("accepted")
    await channel.close_idle()
