"""Who is signed in, and until when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_RENEW_BEFORE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Limits:
    """`idle`: a session without a request ends after it; `longest`: any ends after it."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class ProviderTokens:
    """What the identity provider gave. `id_token` is for its sign-out only; `subject` is its `sub`,
    empty if unknown."""

    access_token: str
    expires_at: datetime
    refresh_token: str | None
    id_token: str
    subject: str = ""

    def fresh(self, now: datetime) -> bool:
        return now < self.expires_at - _RENEW_BEFORE


@dataclass(frozen=True, slots=True)
class PlatformToken:
    """The token of the platform by which the services know the person."""

    token: str
    expires_at: datetime

    def fresh(self, now: datetime) -> bool:
        return now < self.expires_at - _RENEW_BEFORE


@dataclass(frozen=True, slots=True)
class Session:
    """`provider_session` is the provider's own id of it (`sid`), which ends it from outside.

    Without tokens of a `provider` it was begun by a one-time `code`, and has no name. `language` is
    the one that was chosen; None is the browser's. `assignment` is the key of the one that is
    shown; empty for all.
    """

    name: str
    provider_session: str | None
    provider: ProviderTokens | None
    platform: PlatformToken
    began_at: datetime
    used_at: datetime
    language: str | None = None
    assignment: str = ""
    code: str | None = None

    def ends_at(self, limits: Limits) -> datetime:
        return min(self.used_at + limits.idle, self.began_at + limits.longest)

    def used(self, now: datetime) -> "Session":
        return replace(self, used_at=now)


@dataclass(frozen=True, slots=True)
class EndedElsewhere:
    """What the provider says has ended: the session with this `sid`, or without one all of this
    `sub`."""

    provider_session: str | None
    subject: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has begun: what its answer must match, where it leads, and in which language
    if one was chosen."""

    state: str
    nonce: str
    verifier: str
    return_to: str
    language: str | None = None
