"""What an attempt at a webhook sent and got, shortened for the log and without secrets.

The signature is no secret: it is valid for one body and one time, and only with the secret can one
make another. Cookies and credentials in a response are left out.
"""

from collections.abc import Iterable
from typing import Any

from notification_service.domain.delivery import Exchange, Headers

BODY_BYTES = 2048
_MOST_HEADERS = 30
_MOST_TEXT = 300
_HIDDEN = frozenset(
    {"set-cookie", "set-cookie2", "authorization", "authentication-info", "www-authenticate"}
)


def shown_headers(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """A response's headers for the log: the first 30, each shortened, none with a secret."""
    pairs = ((_text(name, "latin-1").lower(), _text(value, "latin-1")) for name, value in headers)
    shown = [(name, shortened(value)) for name, value in pairs if name not in _HIDDEN]
    return tuple(shown[:_MOST_HEADERS])


def shown_body(body: bytes) -> str:
    """The beginning of a response's body as text, without what PostgreSQL cannot store."""
    return _text(body[:BODY_BYTES], "utf-8")


def shortened(text: str) -> str:
    text = text.replace("\0", "\ufffd")
    return text if len(text) <= _MOST_TEXT else text[:_MOST_TEXT] + "…"


def _text(value: bytes, encoding: str) -> str:
    return value.decode(encoding, errors="replace").replace("\0", "\ufffd")


def to_json(exchange: Exchange | None) -> dict[str, Any] | None:
    """As it is stored."""
    if exchange is None:
        return None
    return {
        "url": exchange.url,
        "request_headers": [list(pair) for pair in exchange.request_headers],
        "response_headers": [list(pair) for pair in exchange.response_headers],
        "response_body": exchange.response_body,
        "error": exchange.error,
    }


def from_json(stored: dict[str, Any] | None) -> Exchange | None:
    """As it was given to `to_json`."""
    if stored is None:
        return None
    return Exchange(
        url=stored["url"],
        request_headers=_pairs(stored["request_headers"]),
        response_headers=_pairs(stored["response_headers"]),
        response_body=stored["response_body"],
        error=stored["error"],
    )


def _pairs(stored: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in stored)
