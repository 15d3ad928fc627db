"""Every setting of the workflow service; see docs/generated/settings.md for the list."""

import base64
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from servicekit.settings import Client, Peer, ServiceSettings, service_config

_KEY_BYTES = 32


class Temporal(BaseModel):
    """Where the workflows run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: Annotated[str, Field(description="host:port of the Temporal frontend.")]
    namespace: str = "default"
    task_queue: str = "workflow"
    deadline_seconds: Annotated[
        float, Field(gt=0, description="No answer from Temporal within this is told as such.")
    ] = 8
    payload_key: Annotated[
        SecretStr,
        Field(description="32 random bytes, URL-safe base64: encrypts what Temporal stores."),
    ]

    @field_validator("payload_key")
    @classmethod
    def _is_a_key(cls, value: SecretStr) -> SecretStr:
        try:
            raw = base64.urlsafe_b64decode(value.get_secret_value())
        except ValueError:
            raw = b""
        if len(raw) != _KEY_BYTES:
            raise ValueError(f"must be {_KEY_BYTES} bytes in URL-safe base64")
        return value


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


class Settings(ServiceSettings):
    """What the workflow service needs beyond every service's needs."""

    model_config = service_config("WORKFLOW_")

    temporal: Temporal
    assessment: Peer
    content: Peer
    client: Client
    pace: Pace = Pace()
