"""The identity provider: OpenID Connect's code flow with PKCE, as a relying party."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from pydantic import SecretStr

from portal_service.application.ports import ServiceAway, SignInFailed, Who
from portal_service.domain.session import EndedElsewhere, ProviderTokens, SignIn
from servicekit import bounded_answer
from servicekit.issuer_keys import IssuerKeys, KeysUnavailable, unverified_claims

_NAME = "sign-in"
_ANSWER_SECONDS = 5
_LEEWAY_SECONDS = 30
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


class OpenIdProvider:
    """The port `Provider`."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: SecretStr | None,
        scope: str,
        public_url: str,
    ) -> None:
        self._issuer, self._client_id, self._scope = issuer, client_id, scope
        self._secret = client_secret.get_secret_value() if client_secret else None
        self._public_url = public_url.rstrip("/")
        self._http = httpx.AsyncClient(timeout=_ANSWER_SECONDS)
        self._keys = IssuerKeys(issuer)
        self._known: Mapping[str, Any] | None = None

    @property
    def _redirect_uri(self) -> str:
        return f"{self._public_url}/sign-in/answer"

    async def address(self, sign_in: SignIn) -> str:
        challenge = hashlib.sha256(sign_in.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._scope,
            "state": sign_in.state,
            "nonce": sign_in.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        endpoint = (await self._metadata())["authorization_endpoint"]
        return _with(endpoint, query)

    async def redeem(self, sign_in: SignIn, code: str, issuer: str | None) -> Who:
        """RFC 9207: a provider that says that it names itself in its answer must have done so."""
        named = (await self._metadata()).get("authorization_response_iss_parameter_supported")
        if (issuer is None and named) or (issuer is not None and issuer != self._issuer):
            raise SignInFailed("The answer is not from the provider that was asked.")
        tokens, claims = await self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._redirect_uri,
                "code_verifier": sign_in.verifier,
            }
        )
        if claims is None or claims.get("nonce") != sign_in.nonce:
            raise SignInFailed("The provider's answer is not to this sign-in.")
        name = claims.get("name") or claims.get("preferred_username") or claims["sub"]
        sid = claims.get("sid")
        return Who(str(name), str(sid) if sid is not None else None, tokens)

    async def refresh(self, tokens: ProviderTokens) -> ProviderTokens:
        if tokens.refresh_token is None:
            raise SignInFailed("The provider's token has expired.")
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return (await self._ask(form, tokens))[0]

    async def sign_out_address(self, tokens: ProviderTokens) -> str | None:
        endpoint = (await self._metadata()).get("end_session_endpoint")
        if endpoint is None:
            return None
        query = {
            "id_token_hint": tokens.id_token,
            "client_id": self._client_id,
            "post_logout_redirect_uri": f"{self._public_url}/",
        }
        return _with(endpoint, query)

    async def ended(self, logout_token: str) -> EndedElsewhere:
        """Back-Channel Logout 1.0, section 2.6: it names a session, a subject, or both."""
        claims = await self._verified(logout_token, names_subject=False)
        events, sid, sub = claims.get("events"), claims.get("sid"), claims.get("sub")
        about_logout = isinstance(events, dict) and isinstance(events.get(_LOGOUT_EVENT), dict)
        if not about_logout or "nonce" in claims or "jti" not in claims:
            raise SignInFailed("This is no logout token.")
        named = [one for one in (sid, sub) if one is not None]
        if not named or not all(isinstance(one, str) and one for one in named):
            raise SignInFailed("The logout token names neither a session nor a subject.")
        return EndedElsewhere(sid, sub or "")

    async def _ask(
        self, form: dict[str, str], before: ProviderTokens | None = None
    ) -> tuple[ProviderTokens, Mapping[str, Any] | None]:
        """The provider's tokens, and the verified claims of the ID token that came with them."""
        endpoint = (await self._metadata())["token_endpoint"]
        login = (self._client_id, self._secret) if self._secret else None
        sent = {**form, "client_id": self._client_id}
        try:
            answer = await bounded_answer.ask(
                self._http, "POST", endpoint, seconds=_ANSWER_SECONDS, form=sent, login=login
            )
        except bounded_answer.NO_ANSWER as error:
            raise ServiceAway(_NAME, type(error).__name__) from error
        if answer.is_server_error or answer.status_code == 429:
            raise ServiceAway(_NAME, f"the token endpoint answered {answer.status_code}")
        try:
            answer.raise_for_status()
            granted = answer.json()
            lifetime = timedelta(seconds=float(granted.get("expires_in", 300)))
            access_token = str(granted["access_token"])
        except (httpx.HTTPError, *bounded_answer.NOT_AS_EXPECTED) as error:
            raise SignInFailed(f"The provider gave no token: {type(error).__name__}.") from error
        id_token = granted.get("id_token")
        claims = await self._identified(str(id_token), before) if id_token else None
        tokens = ProviderTokens(
            access_token=access_token,
            expires_at=datetime.now(UTC) + lifetime,
            refresh_token=granted.get("refresh_token")
            or (before.refresh_token if before else None),
            id_token=str(id_token) if id_token else (before.id_token if before else ""),
            subject=claims["sub"] if claims else (before.subject if before else ""),
        )
        return tokens, claims

    async def _identified(self, id_token: str, before: ProviderTokens | None) -> Mapping[str, Any]:
        """The claims of an ID token (OpenID Connect Core, 3.1.3.7): after a refresh still about the
        same person (12.2)."""
        claims = await self._verified(id_token)
        audience, party = claims["aud"], claims.get("azp", self._client_id)
        if party != self._client_id or audience not in (self._client_id, [self._client_id]):
            raise SignInFailed("The provider's token is for others too.")
        if "events" in claims:
            raise SignInFailed("This is a logout token.")
        if before and unverified_claims(before.id_token).get("sub") != claims["sub"]:
            raise SignInFailed("The provider's new token is about somebody else.")
        return claims

    async def _verified(self, token: str, names_subject: bool = True) -> Mapping[str, Any]:
        """The claims of a token that the provider signed for this client."""
        rules = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            sub={"essential": names_subject},
            iat={"essential": True},
            exp={"essential": True},
        )
        try:
            decoded = await self._keys.decode(token)
            rules.validate(decoded.claims)
        except KeysUnavailable as error:
            raise ServiceAway(_NAME, "its keys are not known") from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            why = f"The provider's token is not accepted: {type(error).__name__}."
            raise SignInFailed(why) from error
        return decoded.claims

    async def _metadata(self) -> Mapping[str, Any]:
        if self._known is None:
            try:
                base = self._issuer.rstrip("/")
                url = f"{base}/.well-known/openid-configuration"
                answer = await bounded_answer.ask(self._http, "GET", url, seconds=_ANSWER_SECONDS)
                found = answer.raise_for_status().json()
                if found["issuer"] != self._issuer:
                    raise ValueError("the metadata are another issuer's")
                self._known = found
            except (*bounded_answer.NO_ANSWER, *bounded_answer.NOT_AS_EXPECTED) as error:
                raise ServiceAway(_NAME, f"no metadata: {type(error).__name__}") from error
        assert self._known is not None
        return self._known

    async def close(self) -> None:
        await self._http.aclose()
        await self._keys.close()


def _with(endpoint: str, query: Mapping[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"
