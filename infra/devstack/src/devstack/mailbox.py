"""A mail catcher: a real SMTP server whose mails are read as JSON or in a browser.

A mail is answered with 250 only after its line is in the file, so a killed catcher loses none.
"""

import asyncio
import email
import email.policy
import html
import json
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, cast

import uvicorn
import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, HTTPException, Query
from fastapi.responses import HTMLResponse

from devstack.pages import page

MAX_BYTES = 10_000_000


@dataclass(frozen=True)
class Mail:
    """One caught mail; `headers` in their order of arrival, last one wins on repetition."""

    id: str
    received_at: str
    sender: str
    recipients: list[str]
    subject: str
    headers: dict[str, str]
    text: str
    html: str
    raw: str

    def summary(self) -> dict[str, Any]:
        """What a listing shows: all but the raw source."""
        return {k: v for k, v in vars(self).items() if k != "raw"}


class _OnceParsed(email.policy.EmailPolicy):
    """The default policy, which parses a header anew at each look: half of a catcher's work."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        return _header(name, value)


@lru_cache(maxsize=1000)
def _header(name: str, value: str) -> Any:
    return email.policy.default.header_fetch_parse(name, value)


_POLICY = _OnceParsed()


def parse(sender: str, recipients: list[str], content: bytes) -> Mail:
    """Take a message apart; parts that are not text are left in `raw`."""
    message = cast(EmailMessage, email.message_from_bytes(content, policy=_POLICY))
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    return Mail(
        id=str(uuid.uuid4()),
        received_at=datetime.now(UTC).isoformat(),
        sender=sender,
        recipients=recipients,
        subject=str(message["subject"] or ""),
        headers={name: str(value) for name, value in message.items()},
        text=str(plain.get_content()) if plain else "",
        html=str(rich.get_content()) if rich else "",
        raw=content.decode("utf-8", errors="replace"),
    )


class Mailbox:
    """The mails of one file, in order of arrival; a half-written last line is left out."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(path, os.O_APPEND | os.O_CREAT | os.O_RDWR, 0o600)
        self._mails: dict[str, Mail] = {}
        content = path.read_bytes()
        for line in content.splitlines(keepends=True):
            if line.endswith(b"\n"):
                mail = Mail(**json.loads(line))
                self._mails[mail.id] = mail
        os.ftruncate(self._handle, content.rfind(b"\n") + 1)

    def add(self, mail: Mail) -> None:
        """Write the mail, then show it."""
        line = json.dumps(vars(mail)).encode() + b"\n"
        while line:
            line = line[os.write(self._handle, line) :]
        self._mails[mail.id] = mail

    def clear(self) -> None:
        """Forget every mail."""
        os.ftruncate(self._handle, 0)
        self._mails.clear()

    def get(self, mail_id: str) -> Mail | None:
        return self._mails.get(mail_id)

    def find(self, recipient: str | None) -> list[Mail]:
        """All mails in order of arrival, or those to one address."""
        if recipient is None:
            return list(self._mails.values())
        wanted = recipient.casefold()
        return [m for m in self._mails.values() if wanted in map(str.casefold, m.recipients)]


class Handler:
    """What the SMTP server does with a mail (the method's name is aiosmtpd's)."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content or b""
        self._mailbox.add(parse(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        return "250 Message accepted"


def create_app(mailbox: Mailbox) -> FastAPI:
    """The JSON and HTML interface of a mailbox."""
    app = FastAPI(title="Mail catcher", telemetry={"auto_configure": False})

    @app.get("/messages")
    def messages(
        limit: Annotated[int, Query(ge=1, le=1000)] = 50,
        page: Annotated[int, Query(ge=1)] = 1,
        recipient: str | None = None,
    ) -> dict[str, Any]:
        found = mailbox.find(recipient)
        items = [mail.summary() for mail in found[(page - 1) * limit : page * limit]]
        return {"items": items, "total": len(found), "limit": limit, "page": page}

    @app.get("/messages/{mail_id}")
    def message(mail_id: str) -> dict[str, Any]:
        return vars(_existing(mailbox, mail_id))

    @app.delete("/messages", status_code=204)
    def clear() -> None:
        mailbox.clear()

    @app.get("/", response_class=HTMLResponse)
    def listing() -> str:
        newest = reversed(mailbox.find(None)[-200:])
        rows = "".join(
            f"<tr><td>{mail.received_at[:19]}</td>"
            f"<td>{html.escape(', '.join(mail.recipients))}</td>"
            f'<td><a href="/mail/{mail.id}">{html.escape(mail.subject)}</a></td></tr>'
            for mail in newest
        )
        head = "<tr><th>Received (UTC)</th><th>To</th><th>Subject</th></tr>"
        return page("Caught mails (newest 200)", f"<table>{head}{rows}</table>")

    @app.get("/mail/{mail_id}", response_class=HTMLResponse)
    def show(mail_id: str) -> str:
        mail = _existing(mailbox, mail_id)
        to = html.escape(", ".join(mail.recipients))
        return page(mail.subject, f"<p>To {to}</p><pre>{html.escape(mail.text or mail.html)}</pre>")

    return app


def _existing(mailbox: Mailbox, mail_id: str) -> Mail:
    mail = mailbox.get(mail_id)
    if mail is None:
        raise HTTPException(404, f"no mail {mail_id}")
    return mail


async def serve() -> None:
    """Run SMTP and HTTP as the environment says (MAILBOX_*, SMTP_PORT); used by the stack."""
    mailbox = Mailbox(Path(os.environ["MAILBOX_FILE"]))
    host, loop = os.environ["MAILBOX_HOST"], asyncio.get_running_loop()
    await loop.create_server(
        lambda: SMTP(Handler(mailbox), data_size_limit=MAX_BYTES, enable_SMTPUTF8=True, loop=loop),
        host,
        int(os.environ["SMTP_PORT"]),
    )
    port = int(os.environ["MAILBOX_PORT"])
    config = uvicorn.Config(
        create_app(mailbox), host=host, port=port, access_log=False, log_level="warning"
    )
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(serve())
