"""The portal as a client: where its answers may be sent, and where it hears that somebody left."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from devstack.issuer.errors import OAuthError

PUBLIC_CLIENT = "portal"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Registration:
    """`redirect_uri`: the only one that gets a code; None where the portal's address is not known,
    then any on this machine does. `backchannel_logout_uri`: None for no such notices.
    """

    redirect_uri: str | None = None
    backchannel_logout_uri: str | None = None

    def gets_codes(self, uri: str) -> bool:
        """Compared exactly (RFC 9700, section 2.1)."""
        return uri == self.redirect_uri if self.redirect_uri else _on_this_machine(uri)

    def may_follow_sign_out(self, uri: str) -> bool:
        """On this machine, or of the registered portal."""
        own = self.redirect_uri is not None and _origin(uri) == _origin(self.redirect_uri)
        return _is_plain(uri) and (own or _on_this_machine(uri))


def check_authorization(query: Mapping[str, str], portal: Registration) -> None:
    """Refuse what could send a code to a stranger; raises OAuthError."""
    if query.get("client_id") != PUBLIC_CLIENT:
        raise OAuthError("invalid_request", f"client_id must be {PUBLIC_CLIENT}")
    if not portal.gets_codes(query.get("redirect_uri", "")):
        wanted = portal.redirect_uri or "an address on this machine"
        raise OAuthError("invalid_request", f"redirect_uri must be {wanted}")
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "only response_type=code with S256 is offered")
    if not query.get("code_challenge"):
        raise OAuthError("invalid_request", "code_challenge is missing")


def with_query(uri: str, **values: str | None) -> str:
    """`uri` with these parameters; those without a value are left out."""
    given = {name: value for name, value in values.items() if value}
    mark = "&" if "?" in uri else "?"
    return f"{uri}{mark}{urlencode(given)}" if given else uri


def _is_plain(uri: str) -> bool:
    """Whether every browser reads it as we do: http, no user, no backslash, no fragment."""
    parts = urlsplit(uri)
    odd = not uri.isprintable() or set(uri) & set("\\# ")
    return parts.scheme in ("http", "https") and "@" not in parts.netloc and not odd


def _on_this_machine(uri: str) -> bool:
    return _is_plain(uri) and urlsplit(uri).hostname in _THIS_MACHINE


def _origin(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.netloc
