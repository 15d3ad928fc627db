"""Every setting of the portal; see docs/generated/settings.md for the list."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from servicekit.setting_values import HttpAddress, Name
from servicekit.settings import Kafka, Peer, ProcessSettings, service_config


class SignIn(BaseModel):
    """The identity provider where people sign in (OpenID Connect, code flow with PKCE)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Annotated[HttpAddress, Field(description="https in production.")]
    client_id: Name = "portal"
    client_secret: Annotated[
        SecretStr | None, Field(description="Of a confidential client; none for a public one.")
    ] = None
    scope: Annotated[
        str, Field(description="Add what the provider wants for an access token to the platform.")
    ] = "openid profile offline_access"


class Sessions(BaseModel):
    """How long people stay signed in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: Annotated[
        tuple[SecretStr, ...],
        Field(
            min_length=1,
            description="JSON list of Fernet keys (32 bytes, base64url): the first encrypts the"
            " stored sessions, all decrypt them.",
        ),
    ]
    idle_minutes: Annotated[int, Field(ge=5, le=24 * 60)] = 60
    longest_hours: Annotated[int, Field(ge=1, le=24)] = 10

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            if len(key.get_secret_value()) != 44:
                raise ValueError("each key is 32 bytes in base64url: 44 characters")
        return keys


class Settings(ProcessSettings):
    """The portal."""

    model_config = service_config("PORTAL_")

    public_url: Annotated[
        str, Field(description="Where people reach it, without a path; https in production.")
    ]
    accessibility_contact: Annotated[
        str,
        Field(
            pattern=r"^([^@\s]+@[^@\s]+)?$",
            description="A mail address for reports of what somebody cannot use; required in"
            " production: reporting needs no account.",
        ),
    ] = ""
    sign_in: SignIn
    sessions: Sessions
    kafka: Kafka
    assessment: Peer
    content: Peer
    notification: Peer
    people: Peer
    workflow: Peer

    temporal_ui_url: Annotated[
        str | None, Field(description="Where operators find Temporal's own pages.")
    ] = None
    traces_url: Annotated[str | None, Field(description="Where operators find traces.")] = None
    prometheus_url: Annotated[
        str | None,
        Field(
            description="What it knows is shown to operators: alerts, the last drill, limits met."
        ),
    ] = None
    runbooks_url: Annotated[
        str | None,
        Field(description="Where operators find docs/runbooks, such as a folder of a repository."),
    ] = None

    @field_validator("temporal_ui_url", "traces_url", "prometheus_url", "runbooks_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url and urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("an address that begins with https:// or http://")
        return url and url.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _is_an_origin(cls, url: str) -> str:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in ("http", "https") or url.rstrip("/") != origin:
            raise ValueError("a scheme, a host and perhaps a port: https://portal.example.se")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _check_addresses(self) -> Self:
        if self.environment == "production":
            for name, url in (
                ("PUBLIC_URL", self.public_url),
                ("SIGN_IN__ISSUER", self.sign_in.issuer),
            ):
                if not url.startswith("https://"):
                    raise ValueError(f"{name}: must be https in production")
            if not self.accessibility_contact:
                raise ValueError("ACCESSIBILITY_CONTACT: is required in production")
        return self
