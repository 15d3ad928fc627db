"""What the use cases need from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from portal_service.domain.monitored import Monitored
from portal_service.domain.session import (
    EndedElsewhere,
    PlatformToken,
    ProviderTokens,
    Session,
    SignIn,
)


class SignInFailed(Exception):
    """The identity provider or the platform did not let somebody in; the text says why."""


class SignedOut(Exception):
    """There is no session, or it has ended."""


class ServiceAway(Exception):
    """A service gave no usable answer; `service` is its name."""

    def __init__(self, service: str, why: str) -> None:
        super().__init__(f"{service}: {why}")
        self.service = service


class ServiceRefused(Exception):
    """A service refused what was asked (RFC 9457): nothing was changed."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        errors: Sequence[Mapping[str, Any]] = (),
        roles: Sequence[str] = (),
    ) -> None:
        """`roles`: those that may do it, where the caller's role is why it was refused."""
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.roles = tuple(errors), tuple(roles)


@dataclass(frozen=True, slots=True)
class Who:
    """Who signed in, as the provider's ID token says it."""

    name: str
    provider_session: str | None
    tokens: ProviderTokens


class Provider(Protocol):
    """The identity provider. Raises SignInFailed, or ServiceAway while it does not answer."""

    async def address(self, sign_in: SignIn) -> str:
        """Where the browser is sent to sign in."""
        ...

    async def redeem(self, sign_in: SignIn, code: str, issuer: str | None) -> Who: ...

    async def refresh(self, tokens: ProviderTokens) -> ProviderTokens: ...

    async def sign_out_address(self, tokens: ProviderTokens) -> str | None: ...

    async def ended(self, logout_token: str) -> EndedElsewhere:
        """What a back-channel logout token says has ended."""
        ...


class Exchange(Protocol):
    """The platform's issuer. Raises SignInFailed, or ServiceAway."""

    async def exchange(self, token: str) -> PlatformToken: ...

    async def redeem(self, code: str, address: str) -> PlatformToken:
        """For a one-time code. `address` is where it was typed: wrong ones are counted by it."""
        ...


class Sessions(Protocol):
    """Stored sessions. The browser has the key; only its hash is stored."""

    async def begin(self, sign_in: SignIn) -> str:
        """A key for the time until the provider answers. Nothing is stored: anybody may begin, and
        as often as they want."""
        ...

    async def begun(self, key: str) -> SignIn | None:
        """What was begun with this key, a quarter of an hour ago at most."""
        ...

    async def open(self, session: Session) -> str:
        """A new key, which was never in the browser before."""
        ...

    async def find(self, key: str, used: bool = True) -> Session | None:
        """The session, which is used at this moment unless the browser asked by itself."""
        ...

    async def renew(self, key: str, renewer: "Renewer") -> Session | None:
        """The session as `renewer` leaves it, or None if it ended meanwhile.

        Requests for one session wait for each other here: a refresh token is used once. Raises
        ServiceAway if the renewer takes longer than LONGEST_RENEWAL.
        """
        ...

    async def close(self, key: str) -> None: ...

    async def close_all(self, ended: EndedElsewhere) -> None: ...

    async def now(self) -> datetime: ...


LONGEST_RENEWAL = timedelta(seconds=25)
"""Less than a store keeps others waiting for a renewal, so that two never happen at once."""


class Renewer(Protocol):
    async def __call__(self, session: Session, now: datetime) -> Session: ...


class OwnProcesses(Protocol):
    """The portal's processes, in the form in which the services answer about theirs."""

    async def look(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class OwnText:
    """What a page of the portal's own says in one language."""

    path: str
    title: str
    body: str


class Piece(NamedTuple):
    """A piece of a text; `found` if it is one of the words that were searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class TextFound:
    """`excerpt` has the places of the text that match best."""

    path: str
    title: Sequence[Piece]
    excerpt: Sequence[Piece]


class FullText(Protocol):
    async def find(self, words: str, language: str, texts: Sequence[OwnText]) -> list[TextFound]:
        """Those of the texts that have the words in any form, best first."""
        ...


class MonitoringAway(Exception):
    """Prometheus does not answer."""


class Monitoring(Protocol):
    async def look(self) -> Monitored | None:
        """None if no Prometheus is connected. Raises MonitoringAway."""


class Services(Protocol):
    """The services' APIs in the name of one person. Paths are those below the version.

    Raises ServiceAway or ServiceRefused.
    """

    async def get(self, token: str, service: str, path: str, **query: str) -> dict[str, Any]: ...

    async def csv(self, token: str, service: str, path: str, **query: str) -> bytes:
        """A list as a file, all of it."""
        ...

    async def public(self, service: str, path: str, **query: str) -> dict[str, Any]:
        """What is the same for everybody; in nobody's name. `path` is below `/public`."""
        ...

    async def post(
        self, token: str, service: str, path: str, body: Mapping[str, Any], key: str = ""
    ) -> dict[str, Any]: ...

    async def print(
        self, token: str, service: str, path: str, body: Mapping[str, Any], language: str
    ) -> bytes:
        """A page in HTML that a service makes for printing; each time another one."""
        ...

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
        """Send a file; a service may take a minute to read it."""
        ...

    async def put(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]: ...

    async def patch(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]: ...

    async def schema(self, service: str, path: str) -> dict[str, Any]:
        """The JSON Schema of the body that is posted to a path of the API's document."""
        ...
