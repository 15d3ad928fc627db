"""Fakes of the portal's ports. `FakeSessions` is held to the scenarios of PostgreSQL."""

import asyncio
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from openpyxl import Workbook

from portal_service.application.ports import (
    MonitoringAway,
    OwnText,
    Piece,
    Renewer,
    ServiceAway,
    ServiceRefused,
    SignInFailed,
    TextFound,
    Who,
)
from portal_service.domain.monitored import Monitored
from portal_service.domain.session import (
    EndedElsewhere,
    Limits,
    PlatformToken,
    ProviderTokens,
    Session,
    SignIn,
)
from unit.portal.operation_answers import monitored, operation

LIMITS = Limits(idle=timedelta(hours=1), longest=timedelta(hours=10))


class FakeSessions:
    """The port `Sessions`; `clock` can be moved."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.ahead = timedelta()
        self._limits = limits
        self._sign_ins: dict[str, SignIn] = {}
        self._sessions: dict[str, Session] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    async def begin(self, sign_in: SignIn) -> str:
        key = secrets.token_urlsafe(32)
        self._sign_ins[key] = sign_in
        return key

    async def begun(self, key: str) -> SignIn | None:
        return self._sign_ins.get(key)

    async def open(self, session: Session) -> str:
        key = secrets.token_urlsafe(32)
        self._sessions[key] = session
        return key

    async def find(self, key: str, used: bool = True) -> Session | None:
        session = self._sessions.get(key)
        now = await self.now()
        if session is None or session.ends_at(self._limits) <= now:
            return None
        if used and now - session.used_at > self._limits.idle / 10:
            session = self._sessions[key] = session.used(now)
        return session

    async def renew(self, key: str, renewer: Renewer) -> Session | None:
        async with self._locks.setdefault(key, asyncio.Lock()):
            session = await self.find(key, used=False)
            if session is None:
                return None
            self._sessions[key] = session = await renewer(session, await self.now())
            return session

    async def close(self, key: str) -> None:
        self._sessions.pop(key, None)

    async def close_all(self, ended: EndedElsewhere) -> None:
        for key, session in list(self._sessions.items()):
            subject = session.provider.subject if session.provider else None
            if ended.provider_session is None:
                has_ended = subject == ended.subject
            else:
                has_ended = session.provider_session == ended.provider_session
            if has_ended:
                del self._sessions[key]


@dataclass
class FakeProvider:
    """A provider whose tokens hold five minutes, and whose refresh tokens are used once."""

    sessions: FakeSessions
    away: bool = False
    refused: bool = False
    with_refresh: bool = True
    refreshes: list[str] = field(default_factory=list)
    redeemed: list[tuple[SignIn, str]] = field(default_factory=list)

    async def address(self, sign_in: SignIn) -> str:
        self._answer()
        return f"https://idp.example.se/authorize?state={sign_in.state}"

    async def redeem(self, sign_in: SignIn, code: str, issuer: str | None) -> Who:
        """A code is for one sign-in, and used once (RFC 6749, 4.1.2)."""
        self._answer()
        if any(before == (sign_in, code) for before in self.redeemed):
            raise SignInFailed("The code was used before.")
        self.redeemed.append((sign_in, code))
        return Who("Sample Person", "sid-1", await self._tokens())

    async def refresh(self, tokens: ProviderTokens) -> ProviderTokens:
        await asyncio.sleep(0)
        self._answer()
        used = tokens.refresh_token
        if used is None or used in self.refreshes:
            raise SignInFailed("The refresh token was used before.")
        self.refreshes.append(used)
        return await self._tokens()

    async def sign_out_address(self, tokens: ProviderTokens) -> str | None:
        self._answer()
        return "https://idp.example.se/logout"

    async def ended(self, logout_token: str) -> EndedElsewhere:
        if logout_token != "good":
            raise SignInFailed("This is no logout token.")
        return EndedElsewhere("sid-1", "subject-1")

    def _answer(self) -> None:
        if self.away:
            raise ServiceAway("sign-in", "down")
        if self.refused:
            raise SignInFailed("The provider gave no token.")

    async def _tokens(self) -> ProviderTokens:
        expires_at = await self.sessions.now() + timedelta(minutes=5)
        refresh_token = f"refresh-{len(self.refreshes) + 1}" if self.with_refresh else None
        return ProviderTokens(secrets.token_hex(4), expires_at, refresh_token, "id-token")


@dataclass
class FakeExchange:
    """Platform tokens of ten minutes. A code is refused when its round has `closed`."""

    sessions: FakeSessions
    away: bool = False
    refused: bool = False
    closed: bool = False
    exchanged: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    async def exchange(self, token: str) -> PlatformToken:
        if self.away:
            raise ServiceAway("people", "down")
        if self.refused:
            raise SignInFailed("The platform knows no role.")
        self.exchanged.append(token)
        expires_at = await self.sessions.now() + timedelta(minutes=10)
        return PlatformToken(f"platform-{len(self.exchanged)}", expires_at)

    async def redeem(self, code: str, address: str) -> PlatformToken:
        self.addresses.append(address)
        if code != "abcdefgh" or self.closed:
            raise SignInFailed("The code is not valid.")
        return await self.exchange(code)


@dataclass
class FakeOwnProcesses:
    """The port `OwnProcesses`."""

    answer: dict[str, Any] = field(default_factory=operation)

    async def look(self) -> dict[str, Any]:
        return self.answer


@dataclass
class FakeMonitoring:
    """The port `Monitoring`: nothing is connected while `found` is None."""

    found: Monitored | None = field(default_factory=monitored)
    away: bool = False

    async def look(self) -> Monitored | None:
        if self.away:
            raise MonitoringAway
        return self.found


class FakeFullText:
    """The port `FullText`: finds words as they are written."""

    async def find(self, words: str, language: str, texts: Sequence[OwnText]) -> list[TextFound]:
        return [
            TextFound(one.path, [Piece(one.title, found=False)], [Piece(words, found=True)])
            for one in texts
            if words.lower() in f"{one.title} {one.body}".lower()
        ]


@dataclass
class FakeServices:
    """The port `Services`: answers by (service, path); services can be away, or refuse."""

    answers: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    refusals: dict[tuple[str, str], ServiceRefused] = field(default_factory=dict)
    refused_when_sent: dict[tuple[str, str], ServiceRefused] = field(default_factory=dict)
    failure: Exception | None = None
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str]]] = field(default_factory=list)
    uploads: list[tuple[str, bytes, str, str, Mapping[str, str]]] = field(default_factory=list)
    sent: list[tuple[str, str, Mapping[str, Any], str]] = field(default_factory=list)

    async def get(self, token: str, service: str, path: str, **query: str) -> dict[str, Any]:
        self.asked.append((service, path, query))
        return self._answer(service, path)

    async def csv(self, token: str, service: str, path: str, **query: str) -> bytes:
        self.asked.append((service, path, query))
        return str(self._answer(service, path)).encode()

    async def public(self, service: str, path: str, **query: str) -> dict[str, Any]:
        self.asked.append((service, f"/public{path}", query))
        return self._answer(service, f"/public{path}")

    async def post(
        self, token: str, service: str, path: str, body: Mapping[str, Any], key: str = ""
    ) -> dict[str, Any]:
        self.sent.append((service, path, body, key))
        return self._received(service, path)

    async def print(
        self, token: str, service: str, path: str, body: Mapping[str, Any], language: str
    ) -> bytes:
        self.sent.append((service, path, body, language))
        return str(self._received(service, path)).encode()

    async def upload(
        self,
        token: str,
        service: str,
        path: str,
        content: bytes,
        media_type: str,
        key: str = "",
        **query: str,
    ) -> dict[str, Any]:
        self.uploads.append((path, content, media_type, key, query))
        return self._answer(service, path)

    async def put(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        self.sent.append((service, path, body, ""))
        return self._received(service, path)

    async def patch(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self.put(token, service, path, body)

    async def schema(self, service: str, path: str) -> dict[str, Any]:
        name = path.rpartition("/")[2]
        if name not in self.schemas:
            raise ServiceRefused(404, "unknown-action", path)
        return self.schemas[name]

    def _received(self, service: str, path: str) -> dict[str, Any]:
        if (service, path) in self.refused_when_sent:
            raise self.refused_when_sent[service, path]
        return self._answer(service, path, {})

    def _answer(
        self, service: str, path: str, otherwise: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        if self.failure:
            raise self.failure
        if service in self.away:
            raise ServiceAway(service, "down")
        if (service, path) in self.refusals:
            raise self.refusals[service, path]
        found = self.answers.get((service, path), otherwise)
        if found is None:
            raise ServiceRefused(404, "not-found", "There is nothing of this name.")
        return found


def renamed(session: Session, name: str) -> Session:
    return replace(session, name=name)


def workbook(*sheets: str) -> bytes:
    """An Excel workbook with these sheets, each with a header."""
    made, content = Workbook(), io.BytesIO()
    made.remove(made.worksheets[0])
    for sheet in sheets:
        made.create_sheet(sheet).append(["unit_id", "name"])
    made.save(content)
    return content.getvalue()
