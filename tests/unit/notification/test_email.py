"""A mail's headers: complete, and safe for any values."""

import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notification_service.adapters.email import Sender, compose
from notification_service.adapters.null import NullChannel
from notification_service.application.sending_ports import Content, Mail
from notification_service.domain.delivery import Outcome
from unit.notification.builders import NOW

ID = UUID(int=7)
SENDER = Sender("um@region.example.se", "Utvecklande medarbetarskap", None)


def mail(**changes: str) -> Mail:
    values = {
        "to_name": "Åsa Exempelperson",
        "to_address": "person0001@example.se",
        "language": "sv",
        "subject": "Självskattning är öppen",
    } | changes
    return Mail(
        message_id=ID,
        at=NOW,
        to_name=values["to_name"],
        to_address=values["to_address"],
        language=values["language"],
        content=Content(values["subject"], "Hej, Åsa\n\nhttps://um.example.se/\n", "<p>Hej</p>"),
    )


def composed(mail: Mail, sender: Sender = SENDER) -> EmailMessage:
    """The mail as a mail reader parses it."""
    content = compose(mail, sender)
    assert b"\n" not in content.replace(b"\r\n", b"")
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_headers_and_both_parts() -> None:
    message = composed(mail())
    assert message["Message-ID"] == f"<{ID}@region.example.se>"
    assert message["To"] == "Åsa Exempelperson <person0001@example.se>"
    assert message["From"] == "Utvecklande medarbetarskap <um@region.example.se>"
    assert message["Reply-To"] is None
    assert message["Subject"] == "Självskattning är öppen"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"] == "Mon, 02 Mar 2026 08:00:00 +0000"
    parts = [part.get_content_type() for part in message.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    assert compose(mail(), SENDER).isascii()
    (text, _) = message.iter_parts()
    assert text.get_content().splitlines() == ["Hej, Åsa", "", "https://um.example.se/"]


def shown(content: bytes, header: str) -> tuple[str, str]:
    """The name and the address that a mail reader shows, by RFC 2047, section 6.2.

    The newer parser of `email` keeps spaces between encoded words of a name, until Python 3.13.
    """
    value = message_from_bytes(content)[header].replace("\r\n", "")
    name, address = parseaddr(value)
    return str(make_header(decode_header(name))), address


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
    content = compose(mail(to_name=name), SENDER)
    assert shown(content, "To") == (name, "person0001@example.se")
    assert len(composed(mail(to_name=name))["To"].addresses) == 1


LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Z"))
NAMES = st.lists(
    st.text(LETTERS | st.sampled_from('åäöÅÄÖéüß(),<>@"\\=?_'), min_size=1), min_size=1
)
LONG = "Åsa-Märta Öhrström-Håkansdotter af Ängsö och Östergötland, Överläkare i Södra Älvsborg"


@given(to=NAMES, sender=NAMES, unit=NAMES)
@example(to=[LONG], sender=[LONG], unit=[LONG])
@example(to=["Å" * 200], sender=["x" * 200], unit=["=?utf-8?q?x?="])
@example(to=["a" * 30] * 6, sender=["Region", "Västra"], unit=["Mödra-"] * 20)
def test_any_name_comes_back_and_no_line_is_too_long(
    to: list[str], sender: list[str], unit: list[str]
) -> None:
    names = [" ".join(words)[:200].strip() for words in (to, sender, unit)]
    from_ = Sender("um@region.example.se", names[1], "fragor@region.example.se")
    sent = mail(to_name=names[0], subject=f"Självskattning för {names[2]} är öppen")
    content = compose(sent, from_)
    assert max(len(line) for line in content.split(b"\r\n")) <= 76
    assert max(map(len, re.findall(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=", content))) <= 75
    message = composed(sent, from_)
    assert shown(content, "To") == (names[0], sent.to_address)
    assert shown(content, "From") == (names[1], from_.address)
    assert message["Reply-To"] == "fragor@region.example.se"
    assert message["Subject"] == f"Självskattning för {names[2]} är öppen"


def test_a_long_address_stays_whole() -> None:
    address = f"{'p' * 64}@{'d' * 60}.{'d' * 60}.example.se"
    message = composed(mail(to_name=LONG, to_address=address))
    assert message["To"].addresses[0].addr_spec == address


async def test_the_null_channel_takes_everything() -> None:
    channel = NullChannel()
    assert await channel.send(mail()) == Outcome("accepted")
    await channel.close_idle()
