"""E-mail by SMTP. The Message-ID is the message's id, the same at every attempt (RFC 5322, 3.6.4).

Connections are reused while there is something to send. The server's reply decides: after 4yz or a
connection fault the mail is sent again; 5yz about recipient or content is final (RFC 5321, 4.2.1).
The text of a reply is never logged, because it may contain the address.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from email.charset import QP, Charset
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Literal

import aiosmtplib

from notification_service.application.sending_ports import Mail
from notification_service.domain.contact import address_fault
from notification_service.domain.delivery import Outcome

_QUIT_SECONDS = 2
_UTF8 = Charset("utf-8")
_UTF8.body_encoding = QP
_LINE = 76  # RFC 2047: the longest line with an encoded word, which itself has 75 at most.
_BOUNDARY = "=_part"  # RFC 2045, 6.7: no quoted-printable text contains "=_".


@dataclass(frozen=True, slots=True)
class Sender:
    """Where mails come from, the name that mail readers show, and where answers go."""

    address: str
    name: str
    reply_to: str | None


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The mail server and the sender. `timeout_seconds` limits each step of a session."""

    host: str
    port: int
    sender: Sender
    security: Literal["opportunistic", "starttls", "tls"]
    username: str | None
    password: str | None
    timeout_seconds: float


class EmailChannel:
    """Sends mails, over one connection for each concurrent call of `send`."""

    name = "email"

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, item: Mail) -> Outcome:
        try:
            message = compose(item, self._server.sender)
        except ValueError:
            return Outcome("refused", "address-invalid")
        try:
            await self._transfer(message, item.to_address)
        except aiosmtplib.SMTPRecipientsRefused as error:
            return _judged(error.recipients[0].code, "recipient-refused")
        except aiosmtplib.SMTPDataError as error:
            return _judged(error.code, "content-refused")
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPAuthenticationError) as error:
            # The configuration is wrong, not the message. It may be corrected until the next try.
            return Outcome("retry", "server-refused-us", error.code)
        except aiosmtplib.SMTPResponseException as error:
            return Outcome("retry", "server-unavailable", error.code)
        except (aiosmtplib.SMTPException, OSError):
            return Outcome("retry", "server-unavailable")
        return Outcome("accepted")

    async def _transfer(self, message: bytes, address: str) -> None:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            await connection.sendmail(self._server.sender.address, [address], message)
        except BaseException:
            # After a fault or a cancellation, the state of the SMTP session is unknown.
            connection.close()
            raise
        self._idle.append(connection)

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        connection = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            timeout=server.timeout_seconds,
            use_tls=server.security == "tls",
            start_tls={"tls": False, "starttls": True, "opportunistic": None}[server.security],
        )
        await connection.connect()
        return connection

    async def close_idle(self) -> None:
        while self._idle:
            connection = self._idle.pop()
            with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
                async with asyncio.timeout(_QUIT_SECONDS):
                    await connection.quit()
            connection.close()


def compose(mail: Mail, sender: Sender) -> bytes:
    """The mail with a text and an HTML part. Raises ValueError for an invalid header."""
    if fault := address_fault(mail.to_address):
        raise ValueError(fault)
    headers: dict[str, str | Header] = {
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{_BOUNDARY}"',
        "Message-ID": f"<{mail.message_id}@{sender.address.rpartition('@')[2]}>",
        "From": _address("From", sender.name, sender.address),
        "To": _address("To", mail.to_name, mail.to_address),
        "Subject": _words("Subject", mail.content.subject),
        "Date": format_datetime(mail.at),
        "Content-Language": _one_line("Content-Language", mail.language),
        # RFC 3834: prevents out-of-office replies.
        "Auto-Submitted": "auto-generated",
    }
    if sender.reply_to:
        headers["Reply-To"] = sender.reply_to
    # Written out here: with the classes of `email` it takes four times as long.
    lines = [*(_header(name, value) for name, value in headers.items()), ""]
    for subtype, text in (("plain", mail.content.text), ("html", mail.content.html)):
        lines += [
            f"--{_BOUNDARY}",
            f'Content-Type: text/{subtype}; charset="utf-8"',
            "Content-Transfer-Encoding: quoted-printable",
            "",
            _UTF8.body_encode(text).replace("\n", "\r\n"),
        ]
    lines += [f"--{_BOUNDARY}--", ""]
    return "\r\n".join(lines).encode("ascii")


def _header(name: str, value: str | Header) -> str:
    """The header, folded into lines of at most 76 characters, without the last line's end."""
    if isinstance(value, str):
        if len(name) + len(": ") + len(value) <= _LINE:
            return f"{name}: {value}"
        value = Header(value, header_name=name, maxlinelen=_LINE)
    return f"{name}: " + value.encode(linesep="\r\n")


def _address(header: str, name: str, address: str) -> str | Header:
    """The name and the address. A mail reader gets the name back whatever it contains."""
    if _is_plain(_one_line(header, name)):
        return formataddr((name, address))
    value = Header(name, _UTF8, header_name=header, maxlinelen=_LINE)
    value.append(f"<{address}>", "us-ascii")
    return value


def _words(header: str, text: str) -> str | Header:
    if _is_plain(_one_line(header, text)):
        return text
    return Header(text, _UTF8, header_name=header, maxlinelen=_LINE)


def _is_plain(text: str) -> bool:
    """Whether it can stand in a header as it is: ASCII, each word short enough for a line."""
    short = all(len(word) <= _LINE // 2 for word in text.split(" "))
    return text.isascii() and "=?" not in text and short


def _one_line(header: str, value: str) -> str:
    """The value. Raises ValueError if it could begin another header."""
    if not value.isprintable():
        raise ValueError(f"{header} contains a line break or another control character")
    return value


def _judged(code: int, reason: str) -> Outcome:
    return Outcome("refused" if code >= 500 else "retry", reason, code)
