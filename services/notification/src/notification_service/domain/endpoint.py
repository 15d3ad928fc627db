"""Where a URL points, whichever way it is written."""

from urllib.parse import urlsplit

Endpoint = tuple[str, str, int, str, str]


def host_and_port(url: str) -> tuple[str, int]:
    """The host, in lower case, and the port, also if the URL leaves it out."""
    parts = urlsplit(url)
    return (parts.hostname or "").rstrip("."), parts.port or (80 if parts.scheme == "http" else 443)


def endpoint_of(url: str) -> Endpoint:
    """Equal for two URLs exactly if requests to both reach the same endpoint."""
    parts = urlsplit(url)
    host, port = host_and_port(url)
    return parts.scheme, host, port, parts.path or "/", parts.query


def without_query(url: str) -> str:
    """The URL as logs and traces may show it: a query may contain a token."""
    return url.partition("?")[0]
