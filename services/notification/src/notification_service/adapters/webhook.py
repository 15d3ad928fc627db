"""Webhooks by HTTPS, signed as Standard Webhooks 1.0 specifies.

Redirects are not followed and proxies not used. A host's addresses are checked when the connection
is made, so that a later DNS answer cannot redirect it. A response is read up to a limit.
"""

import asyncio
import re
import ssl
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from socket import gaierror

import httpcore
from standardwebhooks import Webhook

from notification_service.adapters.exchange import BODY_BYTES, shortened, shown_body, shown_headers
from notification_service.adapters.hosts import GuardedBackend, Hosts
from notification_service.application.sending_ports import WebhookPost
from notification_service.domain.delivery import CLOCK_SUSPECTED, Exchange, Outcome
from notification_service.domain.egress import EgressPolicy, EgressRefused
from notification_service.domain.subscription import GONE

_RESPONSE_BYTES = 64 * 1024
_RESPONSE_SECONDS = 1
_KEEP_ALIVE_SECONDS = 10
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)
_FAILURES = (EgressRefused, OSError, *_BROKEN)
_ABOUT_TIME = re.compile(rb"time-?_?\s?stamp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """`connect`: for the lookup and the connection, and again for TLS. `answer`: after that."""

    connect: float
    answer: float

    @property
    def whole(self) -> float:
        return 2 * self.connect + self.answer


class WebhookChannel:
    """Posts deliveries. Each receiver has `limits.answer` seconds to answer."""

    name = "webhook"

    def __init__(
        self, egress: EgressPolicy, hosts: Hosts, connections: int, limits: Limits
    ) -> None:
        self._egress, self._limits = egress, limits
        self._timeouts = dict.fromkeys(("read", "write", "pool"), limits.answer)
        self._timeouts["connect"] = limits.connect
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=GuardedBackend(hosts),
        )

    async def send(self, item: WebhookPost) -> Outcome:
        headers = signed_headers(item)
        sent = Exchange(item.url, tuple(headers))
        try:
            self._egress.check_url(item.url)
            async with (
                asyncio.timeout(self._limits.whole),
                self._pool.stream(
                    "POST",
                    item.url,
                    headers=headers,
                    content=item.body.encode(),
                    extensions={"timeout": self._timeouts},
                ) as response,
            ):
                body = await _beginning(response)
        except _FAILURES as error:
            failed = replace(sent, error=_description(error))
            return Outcome("retry", _reason(error), exchange=failed)
        answered = replace(
            sent,
            response_headers=shown_headers(response.headers),
            response_body=shown_body(body),
        )
        return replace(judged(response.status, response.headers, body, item.at), exchange=answered)

    async def close_idle(self) -> None:
        """Idle connections expire on their own."""

    async def close(self) -> None:
        await self._pool.aclose()


def signed_headers(post: WebhookPost) -> list[tuple[str, str]]:
    """The headers of one attempt: the same id each time, a new timestamp and new signatures."""
    signatures = [
        Webhook(secret).sign(str(post.delivery_id), post.at.astimezone(UTC), post.body)
        for secret in post.secrets
    ]
    return [
        ("content-type", "application/json"),
        ("user-agent", "um-platform-notification/1"),
        ("webhook-id", str(post.delivery_id)),
        ("webhook-timestamp", str(int(post.at.timestamp()))),
        ("webhook-signature", " ".join(signatures)),
    ]


async def _beginning(response: httpcore.Response) -> bytes:
    """Read a short response, so that its connection can be reused; abandon a long one."""
    size, beginning = 0, b""
    with suppress(*_BROKEN, TimeoutError):
        async with asyncio.timeout(_RESPONSE_SECONDS):
            async for chunk in response.aiter_stream():
                size += len(chunk)
                beginning += chunk[: BODY_BYTES - len(beginning)]
                if size > _RESPONSE_BYTES:
                    break
    return beginning


def _reason(error: Exception) -> str:
    match error:
        case EgressRefused():
            return "address-refused"
        case gaierror():
            return "host-unknown"
        case httpcore.TimeoutException() | TimeoutError():
            return "timeout"
        case httpcore.ProtocolError():
            return "not-http"
        case _:
            return "connection-failed"


def _description(error: Exception) -> str:
    """For the owner of the endpoint; without addresses of an internal network."""
    if isinstance(error, EgressRefused):
        return "The host has an address that webhooks may not use."
    return shortened(f"{type(error).__name__}: {error}".rstrip(": "))


def judged(
    status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes, now: datetime
) -> Outcome:
    """What a response means for the delivery."""
    if 200 <= status < 300:
        return Outcome("accepted", status_code=status)
    if status == 410:
        return Outcome("refused", GONE, status)
    if 300 <= status < 400:
        return Outcome("retry", "redirect-not-followed", status)
    refused_time = status in (400, 401, 403) and _ABOUT_TIME.search(body)
    reason = CLOCK_SUSPECTED if refused_time else "http-error"
    return Outcome("retry", reason, status, retry_after(headers, now))


def retry_after(headers: Iterable[tuple[bytes, bytes]], now: datetime) -> timedelta | None:
    """The wait that a receiver asks for (RFC 9110, 10.2.3), in seconds or as a date."""
    value = next((text for name, text in headers if name.lower() == b"retry-after"), b"")
    text = value.decode("ascii", errors="replace").strip()
    if text.isdigit() and len(text) < 10:
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.replace(tzinfo=moment.tzinfo or UTC) - now, timedelta())
