"""Every setting of the people service; see docs/generated/settings.md for the list."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from servicekit.settings import ServiceSettings, service_config

RegionRole = Literal["administrator", "approver", "auditor", "operator", "strategist"]
SystemRole = Literal["service", "subscriber"]


class ProviderSettings(BaseModel):
    """An identity provider, and what it is trusted for. Paths of claims have a dot per level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    issuer: Annotated[str, Field(description="As in the claim `iss`; https in production.")]
    audiences: Annotated[list[str], Field(min_length=1)]
    token_types: list[str] = ["jwt", "at+jwt", ""]
    person_claim: str | None = "sub"
    group_claims: list[str] = ["groups", "roles", "realm_access.roles"]
    group_roles: dict[str, RegionRole] = {}
    client_roles: dict[str, SystemRole] = {}
    email_claim: str | None = None
    assignments_claim: str | None = None


class Tokens(BaseModel):
    """The platform's own tokens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys_directory: Annotated[
        Path, Field(description="Folder of the signing keys: one that only this service reads.")
    ]
    lifetime_seconds: Annotated[
        int, Field(ge=60, le=3600, description="An ended assignment counts for so long.")
    ] = 600
    leeway_seconds: Annotated[
        int, Field(ge=0, le=120, description="How wrong an identity provider's clock may be.")
    ] = 30


class Settings(ServiceSettings):
    """The people service. Its own address is `AUTH__ISSUER`, as every service knows it."""

    model_config = service_config("PEOPLE_")

    tokens: Tokens
    providers: Annotated[
        list[ProviderSettings],
        Field(min_length=1, description="JSON: the identity providers that are trusted."),
    ]

    @model_validator(mode="after")
    def _check_providers(self) -> Self:
        issuers = [provider.issuer for provider in self.providers]
        if len({*issuers}) < len(issuers):
            raise ValueError("PROVIDERS: each issuer once")
        if len({provider.name for provider in self.providers}) < len(issuers):
            raise ValueError("PROVIDERS: each name once")
        if self.environment == "production":
            for provider in self.providers:
                if not provider.issuer.startswith("https://"):
                    raise ValueError(f"PROVIDERS: the issuer of {provider.name} must be https")
                if provider.issuer.rstrip("/") == self.auth.issuer.rstrip("/"):
                    raise ValueError("PROVIDERS: the platform's own tokens are not exchanged again")
        return self
