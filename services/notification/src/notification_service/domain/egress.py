"""Which addresses a webhook may use: public ones by https, all others only if allow-listed.

The policy is applied to the URL when it is registered, and to the resolved address each time a
connection is made. An allow-listed *name* permits private networks, but not loopback or link-local,
because anyone can point a name there; those must be allow-listed as the address itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Self
from urllib.parse import urlsplit

from notification_service.domain.endpoint import host_and_port, plain_host

Address = IPv4Address | IPv6Address

_MAX_URL = 2000
_MAX_NAME, _MAX_LABEL = 253, 63  # What name servers take.
_HTTPS = 443
# Ranges that contain an embedded IPv4 address, which could be any address.
_TRANSLATED = tuple(
    ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class EgressRefused(ValueError):
    """The policy does not permit this URL or address. The message gives the reason."""


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """One allow-list entry: a host name or address, and its port; None for any port."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> Self:
        """`host:port`, `host` for port 443, `host:*` for any port; v6 addresses in brackets.

        Raises ValueError for anything else.
        """
        bare = entry.removesuffix(":*")
        parts = urlsplit(f"//{bare}")
        host, port = parts.hostname, parts.port
        if not host or "*" in host or parts.path or parts.query or parts.username is not None:
            raise ValueError(f"{entry!r} is not host or host:port")
        any_port = bare != entry
        if port == 0 or (any_port and port is not None):
            raise ValueError(f"{entry!r} is not host or host:port")
        return cls(plain_host(host), None if any_port else port or _HTTPS)

    @property
    def address(self) -> Address | None:
        return _literal(self.host)


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    allowed: frozenset[AllowedHost] = frozenset()

    @classmethod
    def of(cls, entries: Iterable[str]) -> Self:
        return cls(frozenset(AllowedHost.parse(entry) for entry in entries))

    def check_url(self, url: str) -> None:
        """Raises EgressRefused unless the URL may be registered for a webhook."""
        if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or " " in url:
            raise EgressRefused("The URL must be plain ASCII without spaces, up to 2000 characters")
        try:
            parts = urlsplit(url)
            host, port = host_and_port(url)
        except ValueError as error:
            raise EgressRefused(f"The URL cannot be read: {error}") from error
        if "\\" in url or "@" in parts.netloc or parts.fragment:
            raise EgressRefused("The URL must not contain a user name, fragment or backslash")
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise EgressRefused("The URL must start with https:// and contain a host")
        if not _is_name(parts.hostname):
            raise EgressRefused(
                "The parts of a host name between dots have 1 to 63 characters each, 253 in all"
            )
        if port == 0:
            raise EgressRefused("No server listens on port 0")
        if parts.scheme == "http" and not self._lists(host, port):
            raise EgressRefused(
                f"http is permitted for allow-listed hosts only, here {host}:{port}; use https"
            )
        address = _literal(host)
        if address is None and _looks_numeric(host):
            raise EgressRefused(f"{host} is not a host name or a plain IP address")
        if address is not None:
            self.check_address(host, port, address)

    def check_address(self, host: str, port: int, address: Address) -> None:
        """Raises EgressRefused unless a connection to `host` at `address` is permitted."""
        host = plain_host(host)
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if any(address in network for network in _TRANSLATED if network.version == address.version):
            raise EgressRefused(f"{host}: {address} contains another address")
        if address.is_unspecified or address.is_multicast:
            raise EgressRefused(f"{host}: {address} is not the address of a host")
        if self._lists_address(address, port):
            return
        if address.is_loopback or address.is_link_local:
            raise EgressRefused(f"{host}: {address} is local to this machine")
        if address.is_reserved or _is_site_local(address):
            raise EgressRefused(f"{host}: {address} is reserved")
        if not address.is_global and not self._lists(host, port):
            raise EgressRefused(f"{host}: {address} is private and {host} is not allow-listed")

    def _lists(self, host: str, port: int) -> bool:
        return any(a.host == host and a.port in (None, port) for a in self.allowed)

    def _lists_address(self, address: Address, port: int) -> bool:
        return any(a.address == address and a.port in (None, port) for a in self.allowed)


def _is_site_local(address: Address) -> bool:
    return isinstance(address, IPv6Address) and address.is_site_local


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_name(host: str) -> bool:
    name = host.removesuffix(".")
    return len(name) <= _MAX_NAME and all(1 <= len(n) <= _MAX_LABEL for n in name.split("."))


def _looks_numeric(host: str) -> bool:
    """Whether it has a form such as 2130706433, 0x7f.1 or 017700000001, which resolvers accept."""
    last = host.rpartition(".")[2]
    return last.isdigit() or (last.startswith("0x") and all(c in "0123456789abcdefx" for c in last))
