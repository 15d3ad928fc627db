"""Kinds of values of settings. Their errors never show the value, which may be a secret."""

from collections.abc import Iterator
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, Field, SecretStr
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_WELL_KNOWN = ("changeme", "change-me", "change_me", "password", "secret", "placeholder", "example")
_FEWEST_CHARACTERS = 6  # different ones, in a secret


def _is_http(address: str) -> str:
    try:
        parts = urlsplit(address)
        whole = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        whole = False
    if not whole:
        raise ValueError("an address that begins with https:// or http://")
    return address


def _is_dsn(dsn: SecretStr) -> SecretStr:
    try:
        url = make_url(dsn.get_secret_value())
        whole = url.drivername in ("postgresql", "postgres") and url.database
    except (ArgumentError, ValueError):
        whole = None
    if not whole:
        raise ValueError("a DSN such as postgresql://role:password@host:5432/database")
    return dsn


def _are_servers(servers: str) -> str:
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        if not host or "/" in host or not port.isdecimal():
            raise ValueError("host:port, and several with commas between")
    return servers


Name = Annotated[str, Field(min_length=1)]
HttpAddress = Annotated[str, AfterValidator(_is_http)]
PostgresDsn = Annotated[SecretStr, AfterValidator(_is_dsn)]
Servers = Annotated[str, AfterValidator(_are_servers)]


def guessable(block: BaseModel, place: str = "") -> Iterator[str]:
    """The names, `CLIENT__CLIENT_SECRET`, of secrets that others may know or guess: those of
    examples, and those of a few characters again and again. Of a DSN, its password counts."""
    for name in type(block).model_fields:
        value, at = getattr(block, name), f"{place}{name.upper()}"
        if isinstance(value, BaseModel):
            yield from guessable(value, f"{at}__")
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, SecretStr) and _is_guessable(one.get_secret_value()):
                yield at


def _is_guessable(secret: str) -> bool:
    if "://" in secret:
        secret = make_url(secret).password or ""
    text = secret.lower()
    is_short = 0 < len(set(text)) < _FEWEST_CHARACTERS
    return is_short or any(word in text for word in _WELL_KNOWN)
