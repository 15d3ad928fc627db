"""A real SMTP server for tests: keeps mails, counts sessions, refuses what a test asks for."""

import asyncio
import email
import email.policy
import re
from collections.abc import Awaitable, Callable
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str], Awaitable[str | None]]


class MailCatcher:
    """`on_recipient` and `on_content` may answer for the server (given address, Message-ID)."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.conversations = 0
        self.port = 0
        self.on_recipient: Answer | None = None
        self.on_content: Answer | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()

        def conversation() -> SMTP:
            self.conversations += 1
            return SMTP(self, loop=loop, enable_SMTPUTF8=True)

        self._server = await loop.create_server(conversation, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: object
    ) -> str:
        if self.on_recipient and (answer := await self.on_recipient(address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        if self.on_content and (answer := await self.on_content(_message_id(content))):
            return answer
        self.contents.append(content)
        self.envelopes.append((envelope.mail_from or "", envelope.rcpt_tos))
        return "250 OK"

    def message_ids(self) -> list[str]:
        return [_message_id(content) for content in self.contents]

    def mails(self) -> list[EmailMessage]:
        """The mails, parsed."""
        return [_parsed(content) for content in self.contents]


def _message_id(content: bytes) -> str:
    found = re.search(rb"^Message-ID: (\S+)", content, re.MULTILINE)
    return found[1].decode() if found else ""


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message
