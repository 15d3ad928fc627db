"""Every setting of the people service; see docs/generated/settings.md for the list."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from people_service.domain.person import UNIT_ID
from people_service.domain.roles import ROLES
from people_service.domain.scim import PersonIdAttribute, UnitAttribute
from servicekit.setting_values import HttpAddress
from servicekit.settings import ServiceSettings, service_config

RegionRole = Literal["administrator", "approver", "auditor", "operator", "strategist"]
SystemRole = Literal["service", "subscriber", "provisioner"]
UnitRole = Literal["employee", "manager", "facilitator", "safety_representative", "administrator"]


class ProviderSettings(BaseModel):
    """An identity provider, and what it is trusted for. Paths of claims have a dot per level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    issuer: Annotated[HttpAddress, Field(description="As in the claim `iss`; https in production.")]
    token_issuers: list[str] = []
    audiences: Annotated[list[str], Field(min_length=1)]
    token_types: list[str] = ["jwt", "at+jwt", ""]
    person_claim: str | None = "sub"
    hsa_claim: str | None = None
    group_claims: list[str] = []
    group_roles: dict[str, RegionRole] = {}
    roles_without_person: list[Literal["administrator", "auditor", "operator"]] = []
    client_roles: dict[str, SystemRole] = {}
    email_claim: str | None = None
    email_verified_claim: str | None = "email_verified"
    assignments_claim: str | None = None

    @model_validator(mode="after")
    def _check_groups(self) -> Self:
        if self.group_roles and not self.group_claims:
            raise ValueError(f"PROVIDERS: name the claim of {self.name} that has the groups")
        return self

    @model_validator(mode="after")
    def _check_ids(self) -> Self:
        if self.hsa_claim and self.person_claim and "person_claim" in self.model_fields_set:
            raise ValueError(f"PROVIDERS: {self.name} has a person_claim or a hsa_claim, not both")
        return self


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


class GroupRoleSettings(BaseModel):
    """What membership of a group gives. Without a unit it is for the whole region."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: UnitRole | RegionRole
    unit: Annotated[str, Field(pattern=f"^({UNIT_ID.pattern})?$")] = ""

    @model_validator(mode="after")
    def _check_unit(self) -> Self:
        if self.unit and ROLES[self.role].unit == "none":
            raise ValueError(f"the role {self.role} has no unit")
        if not self.unit and ROLES[self.role].unit == "required":
            raise ValueError(f"the role {self.role} needs a unit")
        return self


class Scim(BaseModel):
    """Provisioning of persons by SCIM."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: Annotated[bool, Field(description="Without it there is nothing at /scim/v2.")] = False
    token_sha256: Annotated[
        list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]],
        Field(
            description="JSON: the SHA-256 sums, in hex, of the static tokens that are accepted;"
            " two while one replaces the other."
        ),
    ] = []
    person_id: Annotated[
        PersonIdAttribute, Field(description="The user's attribute that has the person's id.")
    ] = "externalId"
    unit: Annotated[
        UnitAttribute | Literal["none"],
        Field(description="The attribute with the id of the unit where somebody is employed."),
    ] = "department"
    roles: Annotated[
        list[UnitRole],
        Field(description="JSON: the roles that a group named `role:unit` gives its members."),
    ] = []
    group_roles: Annotated[
        dict[str, GroupRoleSettings],
        Field(description="JSON: what other groups give, by displayName or externalId."),
    ] = {}


class SignInCodes(BaseModel):
    """One-time codes for those who have no account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    portal_url: Annotated[
        HttpAddress,
        Field(description="The portal that printed codes lead to; https in production."),
    ] = "http://127.0.0.1:8000"
    failures_per_address: Annotated[
        int, Field(ge=1, le=1_000, description="Wrong codes in ten minutes from one address.")
    ] = 20
    failures_in_all: Annotated[
        int, Field(ge=1, le=10_000, description="Wrong codes in ten minutes from all addresses.")
    ] = 500


class Settings(ServiceSettings):
    """The people service. Its own address is `AUTH__ISSUER`, as every service knows it."""

    model_config = service_config("PEOPLE_")

    tokens: Tokens
    sign_in_codes: SignInCodes = SignInCodes()
    providers: Annotated[
        list[ProviderSettings],
        Field(min_length=1, description="JSON: the identity providers that are trusted."),
    ]
    scim: Scim = Scim()

    @model_validator(mode="after")
    def _check_providers(self) -> Self:
        issuers = [
            issuer.rstrip("/").lower()
            for provider in self.providers
            for issuer in (provider.issuer, *provider.token_issuers)
        ]
        if len({*issuers}) < len(issuers):
            raise ValueError("PROVIDERS: each issuer once; a slash and upper case do not count")
        if len({provider.name for provider in self.providers}) < len(self.providers):
            raise ValueError("PROVIDERS: each name once")
        if self.environment == "production":
            if not self.sign_in_codes.portal_url.startswith("https://"):
                raise ValueError("SIGN_IN_CODES__PORTAL_URL: must be https in production")
            for provider in self.providers:
                if not provider.issuer.startswith("https://"):
                    raise ValueError(f"PROVIDERS: the issuer of {provider.name} must be https")
            if self.auth.issuer.rstrip("/").lower() in issuers:
                raise ValueError("PROVIDERS: the platform's own tokens are not exchanged again")
        return self
