"""Who has signed in: authorization codes, sessions, and refresh tokens that rotate.

All of it is in memory: after a restart of the issuer, everybody signs in again.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from devstack.issuer.errors import OAuthError, UsedAgain

CODE_LIFETIME = 60.0  # seconds
SESSION_LIFETIME = 12 * 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in. `persona` is what the directory finds them by."""

    sid: str
    persona: str
    subject: str
    client_id: str
    scopes: frozenset[str]
    began_at: float


@dataclass(frozen=True, slots=True)
class _Grant:
    """An authorization request that somebody has granted."""

    session: Session
    request: Mapping[str, str]


class Sessions:
    """`clock` gives seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._live: dict[str, Session] = {}
        self._grants: dict[str, _Grant] = {}  # by code
        self._redeemed: dict[str, str] = {}  # code > sid
        self._refresh: dict[str, str] = {}  # refresh token, used or not > sid
        self._newest: dict[str, str] = {}  # sid > refresh token

    def grant(self, persona: str, subject: str, request: Mapping[str, str]) -> str:
        """A code for an authorization request that has been checked."""
        self._forget_the_old()
        code, sid = secrets.token_urlsafe(24), secrets.token_urlsafe(12)
        scopes = frozenset(request.get("scope", "").split())
        session = Session(sid, persona, subject, request["client_id"], scopes, self._clock())
        self._grants[code] = _Grant(session, dict(request))
        return code

    def redeem(
        self, code: str, verifier: str, client_id: str, redirect_uri: str
    ) -> tuple[Session, str]:
        """The new session and the request's nonce, once, for who holds the verifier (PKCE, S256).

        Raises OAuthError. A second time ends what the first began (RFC 6749, section 4.1.2).
        """
        if code in self._redeemed:
            raise UsedAgain("code", self._redeemed[code])
        granted = self._grants.pop(code, None)
        if granted is None or granted.session.began_at + CODE_LIFETIME < self._clock():
            raise OAuthError("invalid_grant", "the code is unknown or expired")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        sent = {"code_challenge": challenge, "client_id": client_id, "redirect_uri": redirect_uri}
        if not sent.items() <= granted.request.items():
            raise OAuthError("invalid_grant", "verifier, client or redirect_uri do not match")
        session = granted.session
        self._redeemed[code] = session.sid
        self._live[session.sid] = session
        return session, granted.request.get("nonce", "")

    def new_refresh_token(self, session: Session) -> str:
        """From now on the only one of the session that is good."""
        token = secrets.token_urlsafe(32)
        self._refresh[token] = session.sid
        self._newest[session.sid] = token
        return token

    def refreshed(self, token: str, client_id: str) -> Session:
        """The session of a refresh token that was never used.

        Raises OAuthError, and UsedAgain for an earlier one: it ends its family (RFC 9700, 4.14.2).
        """
        sid = self._refresh.get(token)
        session = self.find(sid) if sid else None
        if session is None or session.client_id != client_id:
            raise OAuthError("invalid_grant", "the refresh token is unknown or its session over")
        if self._newest[session.sid] != token:
            raise UsedAgain("refresh token", session.sid)
        return session

    def find(self, sid: str) -> Session | None:
        """The session, if it has not ended."""
        session = self._live.get(sid)
        if session is None or session.began_at + SESSION_LIFETIME < self._clock():
            return None
        return session

    def live(self) -> list[Session]:
        """The sessions that have not ended, the newest first."""
        found = [session for sid in self._live if (session := self.find(sid))]
        return sorted(found, key=lambda one: -one.began_at)

    def end(self, sid: str) -> Session | None:
        """End it and its refresh tokens; None if it had ended before."""
        session = self.find(sid)
        self._forget((sid,))
        return session

    def _forget_the_old(self) -> None:
        now = self._clock()
        for code, grant in list(self._grants.items()):
            if grant.session.began_at + CODE_LIFETIME < now:
                del self._grants[code]
        self._forget([sid for sid in self._live if self.find(sid) is None])

    def _forget(self, sids: Iterable[str]) -> None:
        ended = set(sids)
        for sid in ended:
            self._live.pop(sid, None)
            self._newest.pop(sid, None)
        for known in (self._redeemed, self._refresh):
            for key in [key for key, sid in known.items() if sid in ended]:
                del known[key]
