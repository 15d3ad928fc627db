"""Use cases of signing in, staying signed in and signing out."""

import secrets
from dataclasses import replace
from datetime import datetime

from portal_service.application.ports import (
    Exchange,
    Provider,
    Sessions,
    SignedOut,
    SignInFailed,
)
from portal_service.domain.origin import own_path
from portal_service.domain.session import PlatformToken, Session, SignIn


class SigningIn:
    def __init__(self, provider: Provider, exchange: Exchange, sessions: Sessions) -> None:
        self._provider, self._exchange, self._sessions = provider, exchange, sessions

    async def begin(
        self, return_to: str, key: str = "", language: str | None = None
    ) -> tuple[str, str]:
        """The address of the provider, and the key that the browser keeps until it returns. A
        session that the browser has with `key` ends: it is about to forget that."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        sign_in = SignIn(state, nonce, verifier, own_path(return_to), language)
        address = await self._provider.address(sign_in)
        await self._sessions.close(key)
        return address, await self._sessions.begin(sign_in)

    async def complete(
        self, key: str, state: str, code: str, issuer: str | None
    ) -> tuple[str, str]:
        """The path to go to, and the key of the new session. Raises SignInFailed, ServiceAway."""
        sign_in = await self._sessions.begun(key)
        if sign_in is None or not _same(sign_in.state, state):
            raise SignInFailed("This sign-in was begun elsewhere, or too long ago.")
        who = await self._provider.redeem(sign_in, code, issuer)
        platform = await self._exchange.exchange(who.tokens.access_token)
        now = await self._sessions.now()
        session = Session(
            who.name, who.provider_session, who.tokens, platform, now, now, sign_in.language
        )
        return sign_in.return_to, await self._sessions.open(session)

    async def redeem(self, code: str, address: str) -> PlatformToken:
        """The platform's token for a one-time code. Raises SignInFailed, ServiceAway."""
        return await self._exchange.redeem(code, address)

    async def open(
        self, platform: PlatformToken, code: str, key: str = "", language: str | None = None
    ) -> str:
        """The key of a session of its own for such a token. A session that the browser has with
        `key` ends: it is about to forget that."""
        await self._sessions.close(key)
        now = await self._sessions.now()
        session = Session("", None, None, platform, now, now, language, code=code)
        return await self._sessions.open(session)

    async def session(self, key: str, used: bool = True, address: str = "") -> Session:
        """The session with a platform token that is valid. `used`: by a person, who is there, at
        this `address`.

        Raises SignedOut, ServiceAway.
        """

        async def exchange_anew(session: Session, now: datetime) -> Session:
            if session.platform.fresh(now):
                return session
            return replace(session, platform=await self._exchange_anew(session, address))

        session = await self._sessions.find(key, used)
        if session and not session.platform.fresh(await self._sessions.now()):
            try:
                # Two steps: a refresh token is used once, so its successor is kept before
                # anything else can fail.
                await self._sessions.renew(key, self._refresh)
                session = await self._sessions.renew(key, exchange_anew)
            except SignInFailed as error:
                await self._sessions.close(key)
                raise SignedOut from error
        if session is None:
            raise SignedOut
        return session

    async def _refresh(self, session: Session, now: datetime) -> Session:
        """Another request may have renewed it while this one waited."""
        if session.platform.fresh(now) or session.provider is None or session.provider.fresh(now):
            return session
        return replace(session, provider=await self._provider.refresh(session.provider))

    async def _exchange_anew(self, session: Session, address: str) -> PlatformToken:
        """A one-time code holds until its round closes, however often it is used."""
        if session.provider:
            return await self._exchange.exchange(session.provider.access_token)
        return await self._exchange.redeem(session.code or "", address)

    async def choose_language(self, key: str, language: str) -> bool:
        """Keep it with the session; False if there is none."""

        async def chosen(session: Session, now: datetime) -> Session:
            return replace(session, language=language)

        return await self._sessions.renew(key, chosen) is not None

    async def choose_assignment(self, key: str, assignment: str) -> None:
        """Keep with the session which one is shown; empty for all."""

        async def chosen(session: Session, now: datetime) -> Session:
            return replace(session, assignment=assignment)

        await self._sessions.renew(key, chosen)

    async def end(self, key: str) -> str | None:
        """End the session; the provider's address where signing out goes on, if it has one."""
        session = await self._sessions.find(key)
        if session is None:
            return None
        await self._sessions.close(key)
        if session.provider is None:
            return None
        return await self._provider.sign_out_address(session.provider)

    async def ended_elsewhere(self, logout_token: str) -> None:
        """Back-channel logout (OpenID Connect). Raises SignInFailed for a token that is not one."""
        await self._sessions.close_all(await self._provider.ended(logout_token))


def _same(one: str, other: str) -> bool:
    """Compared in a time that does not depend on where they differ."""
    return secrets.compare_digest(one.encode(), other.encode())
