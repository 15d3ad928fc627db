"""A client of an OpenID provider, as the portal and a system are, and a browser that signs in."""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx

from servicekit.issuer_keys import IssuerKeys

REDIRECT_URI = "http://127.0.0.1:8000/callback"  # Nobody listens: the browser stops there.


class RelyingParty:
    """Authorization code flow with PKCE, state and nonce; client credentials; refresh."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        secret: str = "",
        scope: str = "openid",
        prompt: str = "login consent",
    ) -> None:
        self.issuer, self.client_id, self.scope, self.prompt = issuer, client_id, scope, prompt
        self._secret = secret
        self.state, self.nonce = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self.verifier = secrets.token_urlsafe(48)

    async def metadata(self) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.get(f"{self.issuer}/.well-known/openid-configuration")
        found: dict[str, Any] = answer.json()
        assert found["issuer"] == self.issuer
        return found

    async def sign_in(self, **form: str) -> dict[str, Any]:
        """The tokens of somebody who fills in the provider's login form."""
        return await self.redeem(await self.authorize(**form))

    async def authorize(self, **form: str) -> str:
        """The code, after a sign-in in a browser. The answer must be to this request."""
        challenge = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": self.scope,
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
            "prompt": self.prompt,
        }
        start = f"{(await self.metadata())['authorization_endpoint']}?{urlencode(query)}"
        back = parse_qs(urlsplit(await _browse(start, form)).query)
        assert back["state"] == [self.state]
        assert back["iss"] == [self.issuer]
        return back["code"][0]

    async def redeem(self, code: str) -> dict[str, Any]:
        """The tokens for a code. The id token must be for this sign-in."""
        answer = await self.ask_for_tokens(
            grant_type="authorization_code",
            code=code,
            redirect_uri=REDIRECT_URI,
            code_verifier=self.verifier,
        )
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        keys = IssuerKeys(self.issuer)
        claims = (await keys.decode(tokens["id_token"])).claims
        await keys.close()
        assert (claims["nonce"], claims["aud"]) in (
            (self.nonce, self.client_id),
            (self.nonce, [self.client_id]),
        )
        return tokens

    async def ask_for_tokens(self, **form: str) -> httpx.Response:
        """A request to the token endpoint, by a public client or with the secret."""
        endpoint = (await self.metadata())["token_endpoint"]
        async with httpx.AsyncClient(timeout=30) as client:
            if self._secret:
                basic = (self.client_id, self._secret)
                return await client.post(endpoint, data=form, auth=basic)
            return await client.post(endpoint, data={**form, "client_id": self.client_id})


async def _browse(url: str, values: Mapping[str, str]) -> str:
    """Follow redirects and submit every form, until it leads back to the client."""
    async with httpx.AsyncClient(timeout=60) as browser:
        answer = await browser.get(url)
        for _ in range(12):
            for cookie in browser.cookies.jar:
                cookie.secure = False  # As in a browser, for which this machine is secure.
            if answer.has_redirect_location:
                to = urljoin(str(answer.url), answer.headers["location"])
                if to.startswith(REDIRECT_URI):
                    return to
                answer = await browser.get(to)
                continue
            form = _Form(answer.text)
            assert form.action, answer.text
            filled = {n: values.get(n, v) for n, v in form.fields.items()}
            answer = await browser.post(urljoin(str(answer.url), form.action), data=filled)
    raise AssertionError(f"no way back to the client: {answer.text}")


class _Form(HTMLParser):
    """The first form of a page: where it goes, and its fields with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action, self._inside = found.get("action") or "", True
        elif tag == "input" and self._inside and found.get("name") and not _is_button(found):
            self.fields[str(found["name"])] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


def _is_button(attributes: Mapping[str, str | None]) -> bool:
    return attributes.get("type") in ("submit", "button")
