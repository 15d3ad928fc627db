"""Where a URL points, whichever way it is written."""

import re
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

Endpoint = tuple[str, str, int, str, str]

_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")


def host_and_port(url: str) -> tuple[str, int]:
    """The host, as `plain_host` writes it, and the port, also if the URL leaves it out."""
    parts = urlsplit(url)
    usual = 80 if parts.scheme == "http" else 443
    return plain_host(parts.hostname or ""), usual if parts.port is None else parts.port


def plain_host(host: str) -> str:
    """A name in lower case without its last dot, an address in its shortest form."""
    host = host.lower().rstrip(".")
    with suppress(ValueError):
        return str(ip_address(host))
    return host


def endpoint_of(url: str) -> Endpoint:
    """Equal for two URLs exactly if requests to both reach the same endpoint.

    That is so if they are equivalent by RFC 3986, section 6.2.2.
    """
    parts = urlsplit(url)
    host, port = host_and_port(url)
    return parts.scheme, host, port, _without_dots(_decoded(parts.path)), _decoded(parts.query)


def without_query(url: str) -> str:
    """The URL as logs and traces may show it: a query may contain a token."""
    return url.partition("?")[0]


def _decoded(text: str) -> str:
    """Percent-encoded only where it must be, in upper case."""

    def plain(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if _UNRESERVED.match(character) else match[0].upper()

    return _ENCODED.sub(plain, text)


def _without_dots(path: str) -> str:
    """The path without its segments `.` and `..`."""
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
