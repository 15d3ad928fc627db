"""Every setting of the workflow service; see docs/generated/settings.md for the list."""

import base64
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    SecretStr,
    field_validator,
    model_validator,
)

from servicekit.setting_values import HttpAddress, Name, Servers
from servicekit.settings import Client, Peer, ServiceSettings, service_config

ROLES = ("api", "worker", "temporal")
_KEY_BYTES = 32


class Temporal(BaseModel):
    """Where the workflows run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[Servers, Field(description="host:port of the Temporal frontend.")]
    namespace: Name = "default"
    task_queue: Name = "workflow"
    deadline_seconds: Annotated[
        float,
        Field(
            gt=0, description="Without an answer from Temporal in this time, a request gets 503."
        ),
    ] = 8
    payload_keys: Annotated[
        tuple[SecretStr, ...],
        Field(
            min_length=1,
            description="JSON list of keys, each 32 random bytes in URL-safe base64: the first"
            " encrypts what Temporal stores, all are read.",
        ),
    ]

    tls: bool = False
    tls_ca_file: Annotated[
        FilePath | None,
        Field(description="PEM; the authorities to trust in place of the system's."),
    ] = None
    tls_cert_file: Annotated[
        FilePath | None, Field(description="PEM; shown to a server that asks (mTLS).")
    ] = None
    tls_key_file: FilePath | None = None
    api_key: SecretStr | None = None

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("TLS_CERT_FILE and TLS_KEY_FILE go together")
        if not self.tls and (self.tls_ca_file or self.tls_cert_file or self.api_key):
            raise ValueError("TLS_* and API_KEY need TLS=true")
        return self

    @field_validator("payload_keys")
    @classmethod
    def _are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            try:
                raw = base64.urlsafe_b64decode(key.get_secret_value())
            except ValueError:
                raw = b""
            if len(raw) != _KEY_BYTES:
                raise ValueError(f"each key must be {_KEY_BYTES} bytes in URL-safe base64")
        return keys


class Pace(BaseModel):
    """How quickly workflows notice what has happened."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hint_seconds: Annotated[
        float, Field(gt=0, description="Evidence of this time is one hint to its wave.")
    ] = 0.5
    sweep_seconds: Annotated[
        float, Field(ge=1, description="A workflow looks again after this, hint or no hint.")
    ] = 900
    repair_seconds: Annotated[
        float, Field(ge=1, description="Lost workflows are looked for this often.")
    ] = 30


class Notification(BaseModel):
    """The notification service's API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: Annotated[
        HttpAddress | None, Field(description="Asked by `reconcile` only, which units it knows.")
    ] = None


class Settings(ServiceSettings):
    """What the workflow service needs beyond every service's needs."""

    model_config = service_config("WORKFLOW_")

    temporal: Temporal
    assessment: Peer
    content: Peer
    people: Peer
    notification: Notification = Notification()
    client: Client
    pace: Pace = Pace()
