"""Webhooks by HTTPS, signed as Standard Webhooks 1.0 specifies.

Redirects are not followed and proxies not used. A host's addresses are checked when the connection
is made, so that a later DNS answer cannot redirect it. A response is read up to a limit.
"""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from socket import SOCK_STREAM, gaierror, getaddrinfo

import httpcore
from standardwebhooks import Webhook

from notification_service.application.ports import Clock, WebhookPost
from notification_service.domain.delivery import Outcome
from notification_service.domain.egress import Address, EgressPolicy, EgressRefused
from notification_service.domain.subscription import GONE

_RESPONSE_BYTES = 64 * 1024
_RESPONSE_SECONDS = 1
_KEEP_ALIVE_SECONDS = 10
_BROKEN = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


Resolve = Callable[[str, int], list[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """Raises gaierror for an unknown host."""
    return list(dict.fromkeys(str(i[4][0]) for i in getaddrinfo(host, port, type=SOCK_STREAM)))


class WebhookChannel:
    """Posts deliveries. `timeout_seconds` limits each step; the caller limits the whole attempt."""

    name = "webhook"

    def __init__(
        self,
        egress: EgressPolicy,
        connections: int,
        timeout_seconds: float,
        clock: Clock,
        resolve: Resolve = addresses_of,
    ) -> None:
        self._egress, self._clock = egress, clock
        self._timeouts = dict.fromkeys(("connect", "read", "write", "pool"), timeout_seconds)
        # DNS lookups may hang as well: a separate pool with one thread for each delivery under way.
        self._threads = ThreadPoolExecutor(connections, "resolve")
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            keepalive_expiry=_KEEP_ALIVE_SECONDS,
            network_backend=_GuardedBackend(egress, resolve, self._threads),
        )

    async def send(self, item: WebhookPost) -> Outcome:
        now = self._clock()
        try:
            self._egress.check_url(item.url)
            async with self._pool.stream(
                "POST",
                item.url,
                headers=signed_headers(item, now),
                content=item.body.encode(),
                extensions={"timeout": self._timeouts},
            ) as response:
                await _drain(response)
        except EgressRefused:
            return Outcome("retry", "address-refused")
        except gaierror:
            return Outcome("retry", "host-unknown")
        except (httpcore.TimeoutException, TimeoutError):
            return Outcome("retry", "timeout")
        except (httpcore.NetworkError, OSError):
            return Outcome("retry", "connection-failed")
        except httpcore.ProtocolError:
            return Outcome("retry", "not-http")
        return _judged(response, now)

    async def close_idle(self) -> None:
        """Idle connections expire on their own."""

    async def close(self) -> None:
        await self._pool.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)


def signed_headers(post: WebhookPost, now: datetime) -> list[tuple[str, str]]:
    """The headers of one attempt: the same id each time, a new timestamp and new signatures."""
    signatures = [
        Webhook(secret).sign(str(post.delivery_id), now.astimezone(UTC), post.body)
        for secret in post.secrets
    ]
    return [
        ("content-type", "application/json"),
        ("user-agent", "um-platform-notification/1"),
        ("webhook-id", str(post.delivery_id)),
        ("webhook-timestamp", str(int(now.timestamp()))),
        ("webhook-signature", " ".join(signatures)),
    ]


async def _drain(response: httpcore.Response) -> None:
    """Read a short response, so that its connection can be reused; abandon a long one."""
    size = 0
    with suppress(*_BROKEN, TimeoutError):
        async with asyncio.timeout(_RESPONSE_SECONDS):
            async for chunk in response.aiter_stream():
                size += len(chunk)
                if size > _RESPONSE_BYTES:
                    return


def _judged(response: httpcore.Response, now: datetime) -> Outcome:
    status = response.status
    if 200 <= status < 300:
        return Outcome("accepted", status_code=status)
    if status == 410:
        return Outcome("refused", GONE, status)
    if 300 <= status < 400:
        return Outcome("retry", "redirect-not-followed", status)
    return Outcome("retry", "http-error", status, retry_after(response.headers, now))


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


class _GuardedBackend(httpcore.AnyIOBackend):
    """Connects only to addresses that the policy permits for the host."""

    def __init__(self, egress: EgressPolicy, resolve: Resolve, threads: ThreadPoolExecutor) -> None:
        self._egress, self._names, self._threads = egress, resolve, threads

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        async with asyncio.timeout(timeout):
            addresses = await self._resolve(host, port)
        for address in addresses:
            self._egress.check_address(host, port, address)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await super().connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
        return await super().connect_tcp(
            str(addresses[-1]), port, timeout, local_address, socket_options
        )

    async def _resolve(self, host: str, port: int) -> list[Address]:
        with suppress(ValueError):
            return [ip_address(host)]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, self._names, host, port)
        return [ip_address(text) for text in found]
