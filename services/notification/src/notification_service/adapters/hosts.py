"""The addresses of hosts, looked up and checked against the egress policy."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from ipaddress import ip_address
from socket import EAI_NONAME, SOCK_STREAM, gaierror, getaddrinfo

import httpcore

from notification_service.domain.egress import Address, EgressPolicy, EgressRefused
from notification_service.domain.endpoint import host_and_port

_WARNING_SECONDS = 3
_REFUSED = (
    "{host} has an address that webhooks may not use: it is private, local or reserved. Ask the"
    " operator to allow-list it, or use a public address."
)

Resolve = Callable[[str, int], list[str]]


def addresses_of(host: str, port: int) -> list[str]:
    """Raises gaierror for an unknown host."""
    return list(dict.fromkeys(str(i[4][0]) for i in getaddrinfo(host, port, type=SOCK_STREAM)))


class Hosts:
    """Looks up host names, a few at a time: a lookup can hang, and cannot be cancelled."""

    def __init__(self, egress: EgressPolicy, lookups: int, resolve: Resolve = addresses_of) -> None:
        self._egress, self._names = egress, resolve
        self._threads = ThreadPoolExecutor(lookups, "resolve")

    async def permitted(self, host: str, port: int) -> list[Address]:
        """The host's addresses. Raises gaierror, or EgressRefused if one is not permitted."""
        addresses = await self._resolve(host, port)
        for address in addresses:
            self._egress.check_address(host, port, address)
        return addresses

    async def warnings(self, url: str) -> list[str]:
        """Why webhooks to this URL would not arrive as things are now; nothing if they would.

        Addresses are not shown: they could be those of an internal network.
        """
        host = ""
        try:
            self._egress.check_url(url)
            host, port = host_and_port(url)
            async with asyncio.timeout(_WARNING_SECONDS):
                await self.permitted(host, port)
        except EgressRefused:
            # A URL that is refused as such is an error, and not a warning.
            return [_REFUSED.format(host=host)] if host else []
        except TimeoutError:
            return [f"{host} was not found within {_WARNING_SECONDS} s. Check its name."]
        except OSError:
            return [f"{host} is not known to the name servers. Check its spelling."]
        return []

    async def _resolve(self, host: str, port: int) -> list[Address]:
        with suppress(ValueError):
            return [ip_address(host)]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, self._names, host, port)
        except UnicodeError as error:  # An empty label, or one that is too long.
            raise gaierror(EAI_NONAME, f"not a host name: {error}") from error
        return [ip_address(text) for text in found]

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class GuardedBackend(httpcore.AnyIOBackend):
    """Connects only to addresses that the policy permits for the host."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """One limit for the lookup and all addresses; each address gets an equal share of it."""
        async with asyncio.timeout(timeout):
            addresses = await self._hosts.permitted(host, port)
            share = timeout and timeout / len(addresses)
            for address in addresses[:-1]:
                with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                    return await super().connect_tcp(
                        str(address), port, share, local_address, socket_options
                    )
            return await super().connect_tcp(
                str(addresses[-1]), port, share, local_address, socket_options
            )
