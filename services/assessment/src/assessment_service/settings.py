"""Every setting of the assessment service. Secrets have no default."""

import base64
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from assessment_service.domain.privacy_rule import DEFAULT_K, FLOOR
from servicekit.settings import Client, Peer, ServiceSettings, service_config


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundKeys(_Block):
    """The releases' secrets, outside the database."""

    directory: Annotated[
        Path,
        Field(description="Folder that api and worker processes share; exclude it from backups."),
    ]
    cache_seconds: Annotated[
        float,
        Field(ge=0, le=300, description="How long an api process remembers an open round."),
    ] = 30


class Custodian(_Block):
    """Somebody outside the platform without whose share no sheet can be opened."""

    public_key: Annotated[
        str | None,
        Field(
            description="The custodian's X25519 public key, 32 bytes in base64; empty for none.",
        ),
    ] = None

    @field_validator("public_key")
    @classmethod
    def _is_a_key(cls, value: str | None) -> str | None:
        if not value:
            return None
        try:
            length = len(base64.b64decode(value, validate=True))
        except ValueError:
            length = 0
        if length != 32:
            raise ValueError("use the 32 bytes of an X25519 public key in base64")
        return value

    @property
    def decoded(self) -> bytes | None:
        """The key's bytes; None without a custodian."""
        return base64.b64decode(self.public_key) if self.public_key else None


class Privacy(_Block):
    """What may be released."""

    minimum_group_size: Annotated[
        int, Field(ge=FLOOR, description="k: no result is shown about fewer people.")
    ] = DEFAULT_K
    same_time_days: Annotated[
        float,
        Field(
            ge=0,
            description="Rounds of two rollouts that close within so many days of each other count"
            " as asking the same people at the same time.",
        ),
    ] = 90

    @property
    def same_time(self) -> timedelta:
        """The same as a time."""
        return timedelta(days=self.same_time_days)


class Answers(_Block):
    """The answer path."""

    pool_size: Annotated[
        int, Field(ge=1, le=100, description="Database connections for answers, per process.")
    ] = 10


class Release(_Block):
    """The worker's job that closes rounds and releases results."""

    interval_seconds: Annotated[float, Field(gt=0, description="Pause between two runs.")] = 1


class SelfTest(_Block):
    """The worker's job that runs the auditor over everything published."""

    interval_seconds: Annotated[
        float, Field(gt=0, description="Pause between two looks whether a self-test is due.")
    ] = 10
    deadline_seconds: Annotated[
        float, Field(gt=0, description="Longest time of a self-test; then it is `not_finished`.")
    ] = 600
    memory_megabytes: Annotated[
        int, Field(ge=128, description="Most memory of a self-test; then it is `not_finished`.")
    ] = 1024


class Settings(ServiceSettings):
    """The assessment service."""

    model_config = service_config("ASSESSMENT_")

    round_keys: RoundKeys
    workflow: Peer
    people: Peer
    client: Client
    custodian: Custodian = Custodian()
    privacy: Privacy = Privacy()
    answers: Answers = Answers()
    release: Release = Release()
    self_test: SelfTest = SelfTest()
