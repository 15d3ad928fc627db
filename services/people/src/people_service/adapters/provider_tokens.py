"""Verifies tokens of the identity providers that the platform trusts."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidTokenError, JoseError

from people_service.application.ports import ProviderUnavailable, TokenRefused
from people_service.domain.identity_provider import Provider
from servicekit.issuer_keys import IssuerKeys, KeysUnavailable, unverified_claims

_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class TrustedProviders:
    """The port `ProviderTokens`. A token is verified by the keys of the issuer that it names."""

    def __init__(
        self,
        providers: Sequence[Provider],
        leeway_seconds: int,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self._providers = {
            issuer: provider
            for provider in providers
            for issuer in (provider.issuer, *provider.token_issuers)
        }
        self._keys = {one.issuer: IssuerKeys(one.issuer, client) for one in providers}
        self._leeway_seconds = leeway_seconds

    async def verified(self, token: str) -> tuple[Provider, Mapping[str, Any]]:
        provider = self._provider_of(token)
        try:
            decoded = await self._keys[provider.issuer].decode(token)
        except KeysUnavailable as error:
            raise ProviderUnavailable(provider.name) from error
        except (JoseError, ValueError, KeyError, TypeError) as error:
            detail = f"This is not a token that {provider.name} has signed."
            raise TokenRefused(detail) from error
        typ = str(decoded.header.get("typ", "")).lower().removeprefix("application/")
        if typ not in provider.token_types:
            accepted = ", ".join(sorted(provider.token_types))
            raise TokenRefused(f"The token's typ is {typ!r}; accepted are: {accepted}.")
        self._check_claims(provider, decoded.claims)
        return provider, decoded.claims

    def _provider_of(self, token: str) -> Provider:
        try:
            issuer = unverified_claims(token).get("iss")
        except ValueError as error:
            raise TokenRefused("This is not a signed JWT.") from error
        provider = self._providers.get(str(issuer))
        if provider is None:
            raise TokenRefused(f"The issuer {str(issuer)[:200]!r} is not trusted here.")
        return provider

    def _check_claims(self, provider: Provider, claims: Mapping[str, Any]) -> None:
        registry = jwt.JWTClaimsRegistry(
            leeway=self._leeway_seconds,
            aud={"essential": True, "values": sorted(provider.audiences)},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            registry.validate(dict(claims))
        except ExpiredTokenError as error:
            raise TokenRefused("The token has expired. Sign in again.") from error
        except (InvalidTokenError, JoseError) as error:
            claim = getattr(error, "claim", "?")
            detail = f"The token's claim {claim} is missing or not valid now."
            if claim == "aud":
                detail = f"The token is not for: {', '.join(sorted(provider.audiences))}."
            raise TokenRefused(detail) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise TokenRefused(f"The claim sub is no text of 1 to {_LONGEST_SUBJECT} characters.")
        if not subject.isprintable():
            raise TokenRefused("The claim sub has a character that cannot be shown.")

    async def close(self) -> None:
        for keys in self._keys.values():
            await keys.close()
