"""The platform's HTTP APIs as the demo's people use them: own tokens, own idempotency keys.

A request without an answer is repeated with the same key until a deadline, so that a service that
is down for a moment costs time and nothing else.
"""

import asyncio
import base64
import json
from collections.abc import Iterable, Mapping
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

import aiohttp

from demo.ledger import OK, REFUSED, UNKNOWN, Ledger
from devstack.tokens import EXCHANGE_GRANT, tokens

SERVICES = ("assessment", "content", "notification", "people", "workflow")
_VERSION = "/v1"  # of the platform's APIs
_REQUEST_SECONDS = 20.0
_TRY_AGAIN = {429, 502, 503, 504}
_TOKENS_PER_REQUEST = 1000


class DemoError(Exception):
    """The demo cannot continue; the text says what, where and what to look at."""


class RefusedError(DemoError):
    """The platform refused, and why."""

    def __init__(self, status: int, problem: Mapping[str, Any], what: str) -> None:
        self.status = status
        self.code = str(problem.get("code", "unknown"))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors") or [])
        shown = "".join(f"; {e.get('pointer')}: {e.get('detail')}" for e in self.errors[:3])
        super().__init__(f"{what} was refused: {status} {self.code}: {self.detail}{shown}")


class _Answer(NamedTuple):
    status: int
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class _Token(NamedTuple):
    """`renew_at` is by this process's own timer."""

    text: str
    renew_at: float


class Api:
    """Requests by named personas to the services, with tokens of the platform.

    Made inside a running event loop. `tries`: how often a request is sent at most.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        ledger: Ledger,
        connections: int = 12,
        tries: int = 1_000,
    ) -> None:
        self._tries = tries
        self.deadline = 45.0  # for how many seconds a request without an answer is repeated
        self.issuer = env["ISSUER_URL"]
        self.mailbox = env["MAILBOX_URL"]
        self._token_url = env["PEOPLE_URL"] + "/token"
        self._urls = {name: env[f"{name.upper()}_URL"] + _VERSION for name in SERVICES}
        self.ledger = ledger
        self._issued: dict[str, str] = {}
        self._tokens: dict[str, _Token] = {}
        self._names: dict[str, str] = {}
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=connections),
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
            skip_auto_headers=("content-type",),  # It would name one for a POST without a body.
        )

    async def sign_in(self, personas: Iterable[str]) -> None:
        """Sign personas in at the issuer anew; raises StackError for one that is not known."""
        wanted = list(personas)
        for start in range(0, len(wanted), _TOKENS_PER_REQUEST):
            batch = wanted[start : start + _TOKENS_PER_REQUEST]
            self._issued |= await asyncio.to_thread(tokens, self.issuer, batch)
            for who in batch:
                self._tokens.pop(who, None)

    async def get(self, who: str, service: str, path: str, **query: Any) -> Any:
        """The answer's JSON. Raises RefusedError, or DemoError at the deadline."""
        return (await self._ask("GET", who, service, path, params=query)).json()

    async def every(self, who: str, service: str, path: str, **query: Any) -> list[dict[str, Any]]:
        """All items of a paged list."""
        items: list[dict[str, Any]] = []
        for number in range(1, 1000):
            page = await self.get(who, service, path, **query, limit=200, page=number)
            items += page["items"]
            if len(items) >= page["total"] or not page["items"]:
                break
        return items

    async def post(
        self,
        who: str,
        service: str,
        path: str,
        body: Any = None,
        *,
        kind: str,
        about: str = "",
        **query: Any,
    ) -> Any:
        """POST JSON, or text/csv when `body` is text, with a key of its own. Raises as `get`."""
        headers = {"idempotency-key": str(uuid4())}
        return await self._recorded("POST", who, service, path, body, kind, about, headers, query)

    async def put(
        self, who: str, service: str, path: str, body: Any, *, kind: str, about: str = ""
    ) -> Any:
        """PUT JSON. Raises as `get`."""
        return await self._recorded("PUT", who, service, path, body, kind, about, {}, {})

    async def _recorded(
        self,
        method: str,
        who: str,
        service: str,
        path: str,
        body: Any,
        kind: str,
        about: str,
        headers: dict[str, str],
        query: dict[str, Any],
    ) -> Any:
        if isinstance(body, str):
            headers["content-type"] = "text/csv; charset=utf-8"
        elif body is not None:
            headers["content-type"] = "application/json"
            body = json.dumps(body)
        number = self.ledger.ask(kind, about or path)
        try:
            response = await self._ask(
                method, who, service, path, params=query, headers=headers, data=body
            )
        except RefusedError as refusal:
            self.ledger.answered(number, REFUSED, refusal.status)
            raise
        except DemoError:
            self.ledger.answered(number, UNKNOWN)
            raise
        answer = response.json() if response.content else {}
        self.ledger.answered(number, OK, response.status, _ids(answer))
        return answer

    async def _ask(self, method: str, who: str, service: str, path: str, **options: Any) -> _Answer:
        options["headers"] = {
            "authorization": f"Bearer {await self._token(who)}",
            **options.get("headers", {}),
        }
        url = self._urls[service] + path
        return await self._until_answered(
            method, url, f"{method} {service}{path} by {who}", **options
        )

    async def _until_answered(self, method: str, url: str, what: str, **options: Any) -> _Answer:
        until = monotonic() + self.deadline
        wait, reason = 0.1, ""
        for _ in range(self._tries):
            if monotonic() > until:
                break
            try:
                async with self._http.request(method, url, **options) as response:
                    answer = _Answer(response.status, await response.read())
            except (aiohttp.ClientError, TimeoutError) as error:
                reason = type(error).__name__
            else:
                if answer.status not in _TRY_AGAIN:
                    return _accepted(answer, what)
                reason = f"status {answer.status}"
            await asyncio.sleep(wait)
            wait = min(wait * 2, 1.0)
        raise DemoError(f"{what} got no answer ({reason})")

    async def _token(self, who: str) -> str:
        """A token of the platform, exchanged anew before it expires."""
        held = self._tokens.get(who)
        if held is None or monotonic() > held.renew_at:
            if who not in self._issued:
                await self.sign_in([who])
            issued = self._issued[who]
            held = await self._exchange(who, issued)
            if self._issued[who] == issued:  # Else they signed in again, with other roles.
                self._tokens[who] = held
        return held.text

    async def _exchange(self, who: str, issued: str) -> _Token:
        form = {"grant_type": EXCHANGE_GRANT, "subject_token": issued}
        answer = await self._until_answered(
            "POST",
            self._token_url,
            f"exchanging {who}'s token",
            data=urlencode(form),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        granted = answer.json()
        token: str = granted["access_token"]
        self._names[_subject_of(token)] = who.removeprefix("person:")
        return _Token(token, monotonic() + granted["expires_in"] / 2)

    def name_of(self, account_id: str) -> str:
        """The name of the persona that did something under this account."""
        return self._names.get(account_id, account_id)

    async def mails(self, limit: int, page: int) -> list[dict[str, Any]]:
        """A page of the local mail catcher, in order of arrival."""
        url, query = f"{self.mailbox}/messages", {"limit": limit, "page": page}
        response = await self._until_answered("GET", url, "reading the mail catcher", params=query)
        items: list[dict[str, Any]] = response.json()["items"]
        return items

    async def close(self) -> None:
        await self._http.close()


def _accepted(answer: _Answer, what: str) -> _Answer:
    if 200 <= answer.status < 300:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {"detail": answer.content[:200].decode(errors="replace")}
    if "error_description" in problem:  # OAuth 2.0
        problem = {"code": problem.get("error"), "detail": problem["error_description"]}
    raise RefusedError(answer.status, problem, what)


def _subject_of(token: str) -> str:
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])


def _ids(answer: Any) -> dict[str, Any]:
    """The ids in an answer: what the auditor looks the effect up by. Never scores or texts."""
    if not isinstance(answer, dict):
        return {}
    return {name: value for name, value in answer.items() if name.endswith("_id")}
