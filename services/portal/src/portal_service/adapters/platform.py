"""The services' APIs, asked in the name of the person who is signed in."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from portal_service.application.ports import ServiceAway, ServiceRefused, SignInFailed
from portal_service.domain.session import PlatformToken
from servicekit.api_info import VERSION_PATH
from servicekit.telemetry import current_traceparent

_DEADLINE_SECONDS = 8
_UPLOAD_SECONDS = 120
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a kind of token
_SIGN_IN_CODE = "urn:um-platform:params:oauth:token-type:sign-in-code"
_LATER = (401, 408, 425)
"""Statuses by which a service says: not now. 401: it does not know the new signing key yet."""


class Platform:
    """The port `Services`, and `Exchange`."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        """`urls`: base address by the service's name."""
        self._clients = {
            name: httpx.AsyncClient(base_url=url.rstrip("/"), timeout=_DEADLINE_SECONDS)
            for name, url in urls.items()
        }
        self._documents: dict[str, dict[str, Any]] = {}

    async def exchange(self, token: str) -> PlatformToken:
        return await self._token({"subject_token": token, "subject_token_type": _ACCESS_TOKEN}, {})

    async def redeem(self, code: str, address: str) -> PlatformToken:
        form = {"subject_token": code, "subject_token_type": _SIGN_IN_CODE}
        return await self._token(form, {"x-forwarded-for": address})

    async def _token(self, form: Mapping[str, str], headers: Mapping[str, str]) -> PlatformToken:
        sent = {"grant_type": _EXCHANGE, **form}
        answer = await self._send("people", "POST", "/token", data=sent, headers=headers)
        body = self._json("people", answer)
        if answer.status_code == 429 and body.get("error") != "slow_down":  # Of wrong codes.
            raise ServiceAway("people", "/token answered 429")
        if answer.is_error:
            raise SignInFailed(str(body.get("error_description", "The platform knows no role.")))
        try:
            lifetime = timedelta(seconds=float(body["expires_in"]))
            return PlatformToken(str(body["access_token"]), datetime.now(UTC) + lifetime)
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceAway("people", "the answer is no token") from error

    async def get(self, token: str, service: str, path: str, **query: str) -> dict[str, Any]:
        return await self._ask(token, service, "GET", path, params=query)

    async def csv(self, token: str, service: str, path: str, **query: str) -> bytes:
        headers = {"authorization": f"Bearer {token}", "accept": "text/csv"}
        answer = await self._send(
            service, "GET", VERSION_PATH + path, headers=headers, params=query
        )
        return self._content(service, path, answer, "text/csv")

    async def public(self, service: str, path: str, **query: str) -> dict[str, Any]:
        return await self._ask("", service, "GET", f"/public{path}", params=query)

    async def post(
        self, token: str, service: str, path: str, body: Mapping[str, Any], key: str = ""
    ) -> dict[str, Any]:
        headers = {"idempotency-key": key or str(uuid4())}
        return await self._ask(token, service, "POST", path, json=body, headers=headers)

    async def print(
        self, token: str, service: str, path: str, body: Mapping[str, Any], language: str
    ) -> bytes:
        wanted = {"accept": "text/html", "accept-language": language}
        headers = {"authorization": f"Bearer {token}", **wanted}
        answer = await self._send(service, "POST", VERSION_PATH + path, headers=headers, json=body)
        return self._content(service, path, answer, "text/html")

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
        headers = {"idempotency-key": key or str(uuid4()), "content-type": media_type}
        request = {"params": query, "content": content, "timeout": _UPLOAD_SECONDS}
        return await self._ask(token, service, "POST", path, headers=headers, **request)

    async def put(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self._ask(token, service, "PUT", path, json=body)

    async def patch(
        self, token: str, service: str, path: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        return await self._ask(token, service, "PATCH", path, json=body)

    async def schema(self, service: str, path: str) -> dict[str, Any]:
        if service not in self._documents:
            answer = await self._send(service, "GET", "/openapi.json")
            if answer.is_error:
                raise ServiceAway(service, f"/openapi.json answered {answer.status_code}")
            self._documents[service] = self._json(service, answer)
        document = self._documents[service]
        try:
            operation = document["paths"][VERSION_PATH + path]["post"]
            body = operation["requestBody"]["content"]["application/json"]["schema"]
        except KeyError as error:
            raise ServiceRefused(404, "unknown-action", path) from error
        name = str(body.get("$ref", "")).rpartition("/")[2]
        schema: dict[str, Any] = document["components"]["schemas"].get(name, body)
        return schema

    async def _ask(
        self,
        token: str,
        service: str,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> dict[str, Any]:
        named = {"authorization": f"Bearer {token}"} if token else {}
        sent = {**named, **(headers or {})}
        answer = await self._send(service, method, VERSION_PATH + path, headers=sent, **request)
        self._refuse(service, path, answer)
        return {} if answer.status_code == 204 else self._json(service, answer)

    def _content(self, service: str, path: str, answer: httpx.Response, media_type: str) -> bytes:
        self._refuse(service, path, answer)
        if not answer.headers.get("content-type", "").startswith(media_type):
            raise ServiceAway(service, f"the answer is not {media_type}")
        return answer.content

    def _refuse(self, service: str, path: str, answer: httpx.Response) -> None:
        """Raises ServiceRefused, or ServiceAway, for an answer that is an error."""
        if answer.status_code == 429:
            raise ServiceAway(service, f"{path} answered 429")
        if answer.is_error:
            body = self._json(service, answer)
            errors, roles = body.get("errors"), body.get("roles")
            raise ServiceRefused(
                answer.status_code,
                str(body.get("code", "")),
                str(body.get("detail", "")),
                errors if isinstance(errors, list) else (),
                roles if isinstance(roles, list) else (),
            )

    async def _send(self, service: str, method: str, path: str, **request: Any) -> httpx.Response:
        """Raises ServiceAway for an answer that says nothing about what was asked."""
        headers = dict(request.pop("headers", {}))
        if traceparent := current_traceparent():
            headers["traceparent"] = traceparent
        try:
            answer = await self._clients[service].request(method, path, headers=headers, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceAway(service, type(error).__name__) from error
        if answer.is_server_error or answer.status_code in _LATER:
            raise ServiceAway(service, f"{path} answered {answer.status_code}")
        return answer

    def _json(self, service: str, answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError as error:
            raise ServiceAway(service, "the answer is no JSON") from error
        if not isinstance(body, dict):
            raise ServiceAway(service, "the answer is no JSON object")
        return body

    async def close(self) -> None:
        await asyncio.gather(*(client.aclose() for client in self._clients.values()))
