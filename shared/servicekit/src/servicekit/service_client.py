"""Calls from one service to another: own identity, deadline, idempotency key, typed outcomes."""

import asyncio
from time import monotonic
from typing import Any

import httpx

from servicekit import bounded_answer
from servicekit.api_info import VERSION_PATH
from servicekit.settings import Auth, Client
from servicekit.telemetry import current_traceparent

_DEADLINE_SECONDS = 10
_RENEW_BEFORE_SECONDS = 30
_SHORTEST_WAIT_SECONDS = 0.1
_IN_PROGRESS = "request-in-progress"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a kind of token


class Unavailable(ConnectionError):
    """The other side gave no answer, or an unusable one; trying again later may help."""


class Refused(Exception):
    """The other side refused the request; trying again will not help."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail = status, code, detail


class TokenSource:
    """This service's token of the platform, renewed before it expires.

    The identity provider gives one for the client's credentials, and the platform's issuer
    exchanges it (RFC 8693).
    """

    def __init__(self, auth: Auth, client: Client) -> None:
        self._auth, self._client = auth, client
        self._http = httpx.AsyncClient(timeout=_DEADLINE_SECONDS)
        self._lock = asyncio.Lock()
        self._token, self._expires_at = "", float("-inf")

    async def token(self) -> str:
        """Raises Unavailable if there is none."""
        async with self._lock:
            if monotonic() > self._expires_at - _RENEW_BEFORE_SECONDS:
                await self._renew()
            return self._token

    async def _renew(self) -> None:
        provider = self._client.issuer or self._auth.issuer
        credentials = {"grant_type": "client_credentials", "audience": self._auth.audience}
        if self._client.scope:
            credentials["scope"] = self._client.scope
        secret = self._client.client_secret.get_secret_value()
        token, lifetime = await self._ask(provider, credentials, (self._client.client_id, secret))
        if provider != self._auth.issuer:
            exchange = {"grant_type": EXCHANGE, "subject_token": token}
            form = {**exchange, "subject_token_type": ACCESS_TOKEN}
            token, lifetime = await self._ask(self._auth.issuer, form)
        self._token, self._expires_at = token, monotonic() + lifetime

    async def _ask(
        self, issuer: str, form: dict[str, str], login: tuple[str, str] | None = None
    ) -> tuple[str, float]:
        """A token and the seconds that it is valid. Raises Unavailable."""
        base = issuer.rstrip("/")
        try:
            url, within = f"{base}/.well-known/openid-configuration", _DEADLINE_SECONDS / 2
            discovery = await bounded_answer.ask(self._http, "GET", url, seconds=within)
            metadata = discovery.raise_for_status().json()
            if str(metadata.get("issuer")).rstrip("/") != base:
                raise ValueError("the metadata are another issuer's")  # OpenID Discovery, 4.3
            endpoint = metadata["token_endpoint"]
            answer = await bounded_answer.ask(
                self._http, "POST", endpoint, seconds=within, form=form, login=login
            )
            if answer.status_code == 400:
                why = answer.json().get("error_description", "")
                raise Unavailable(f"no token from {base}: {why}")
            answer.raise_for_status()
            grant = answer.json()
            return str(grant["access_token"]), float(grant["expires_in"])
        except (*bounded_answer.NO_ANSWER, *bounded_answer.NOT_AS_EXPECTED) as error:
            raise Unavailable(f"no token from {base}: {type(error).__name__}") from error

    def forget(self) -> None:
        """The peer did not accept the token: fetch a new one next time."""
        self._expires_at = float("-inf")

    async def close(self) -> None:
        await self._http.aclose()


class ServiceClient:
    """One peer's HTTP API; paths are those below its version."""

    def __init__(self, base_url: str, tokens: TokenSource) -> None:
        self._tokens, self._ready = tokens, base_url.rstrip("/") + "/health/ready"
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/") + VERSION_PATH, timeout=_DEADLINE_SECONDS
        )

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """What the peer has there, as JSON. Raises Unavailable or Refused."""
        return await self._ask("GET", path, {}, params=query)

    async def read(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a POST that changes nothing returns. Raises Unavailable or Refused."""
        return await self._ask("POST", path, {}, json=body)

    async def post(self, path: str, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The peer's answer to a change. Raises Unavailable or Refused."""
        return await self._ask("POST", path, {"idempotency-key": idempotency_key}, json=body)

    async def ready(self) -> None:
        """Raises Unavailable unless the peer takes requests."""
        try:
            (await self._http.get(self._ready)).raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable(f"{self._ready}: {type(error).__name__}") from error

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], **request: Any
    ) -> dict[str, Any]:
        """A peer that says when to ask again is asked again, within the deadline."""
        sent = {**headers, "authorization": f"Bearer {await self._tokens.token()}"}
        if traceparent := current_traceparent():
            sent["traceparent"] = traceparent
        deadline = monotonic() + _DEADLINE_SECONDS
        while True:
            try:
                answer = await self._http.request(method, path, headers=sent, **request)
            except httpx.HTTPError as error:
                raise Unavailable(f"{self._http.base_url}: {type(error).__name__}") from error
            wait = _asked_to_wait(answer)
            if wait is None or monotonic() + wait > deadline:
                return self._outcome(path, answer)
            await asyncio.sleep(wait)

    def _outcome(self, path: str, answer: httpx.Response) -> dict[str, Any]:
        if answer.status_code == 401:
            self._tokens.forget()
        if answer.status_code >= 500 or answer.status_code in (401, 408, 425, 429):
            raise Unavailable(f"{self._http.base_url}{path} answered {answer.status_code}")
        if answer.is_error:
            problem = _problem(answer)
            code = problem.get("code", "unknown")
            if code == _IN_PROGRESS:  # our own, sent before and not answered yet
                raise Unavailable(f"{self._http.base_url}{path} is still handling the same request")
            raise Refused(answer.status_code, code, problem.get("detail", ""))
        try:
            result: dict[str, Any] = answer.json()
        except ValueError as error:
            raise Unavailable(f"{self._http.base_url}{path} answered no JSON") from error
        return result

    async def close(self) -> None:
        await self._http.aclose()


def _asked_to_wait(answer: httpx.Response) -> float | None:
    """The seconds of Retry-After, if the answer is one that passes; none if it names a date."""
    in_progress = answer.status_code == 409 and _problem(answer).get("code") == _IN_PROGRESS
    seconds = answer.headers.get("retry-after", "")
    if not (in_progress or answer.status_code in (429, 503)) or not seconds.isdecimal():
        return None
    return max(float(seconds), _SHORTEST_WAIT_SECONDS)


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
