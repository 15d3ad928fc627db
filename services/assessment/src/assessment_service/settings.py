"""Every setting of the assessment service. Secrets have no default."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assessment_service.domain.privacy_rule import DEFAULT_K, FLOOR
from servicekit.settings import Client, Peer, ServiceSettings, service_config


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoundKeys(_Block):
    """The rounds' secrets, outside the database."""

    directory: Annotated[
        Path,
        Field(description="Folder that api and worker processes share; exclude it from backups."),
    ]
    cache_seconds: Annotated[
        float,
        Field(ge=0, le=300, description="How long an api process remembers an open round."),
    ] = 30


class Privacy(_Block):
    """What may be released."""

    minimum_group_size: Annotated[
        int, Field(ge=FLOOR, description="k: no result is shown about fewer people.")
    ] = DEFAULT_K


class Answers(_Block):
    """The answer path."""

    pool_size: Annotated[
        int, Field(ge=1, le=100, description="Database connections for answers, per process.")
    ] = 10


class Release(_Block):
    """The worker's job that closes rounds and releases results."""

    interval_seconds: Annotated[float, Field(gt=0, description="Pause between two runs.")] = 1


class Settings(ServiceSettings):
    """The assessment service."""

    model_config = service_config("ASSESSMENT_")

    round_keys: RoundKeys
    workflow: Peer
    people: Peer
    client: Client
    privacy: Privacy = Privacy()
    answers: Answers = Answers()
    release: Release = Release()
