"""Bodies of rounds."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import to_json

from assessment_service.domain.round import Occasion, Release, Round, Status
from assessment_service.entrypoints.http.fields import Code, Reason, Text, Version
from assessment_service.entrypoints.http.instrument_schemas import InstrumentBody
from contracts.vocabulary import UnitId
from servicekit.request_body import RequestBody


class WaitBody(RequestBody):
    """A release waits for units whose rounds are to open later, until a deadline. Then it comes out
    without those that are missing, and rounds that are held by a pause close."""

    unit_ids: Annotated[list[UnitId], Field(max_length=1000)]
    until: Annotated[AwareDatetime, Field(description="Not before `closes_at`.")]


class OpenRoundsBody(RequestBody):
    """Rounds to open, one per unit. Their results are released together when all have closed."""

    release_id: UUID
    rollout_id: UUID
    occasion: Occasion
    instrument_id: Code
    instrument_version: Version
    closes_at: Annotated[AwareDatetime, Field(description="A year from now at the latest.")]
    unit_ids: Annotated[list[UnitId], Field(min_length=1, max_length=1000)]
    wait: WaitBody | None = Field(
        None, description="For what a new release waits; an existing one keeps the wait it has."
    )

    def release(self) -> Release:
        return Release(
            self.release_id,
            self.rollout_id,
            self.occasion,
            self.instrument_id,
            self.instrument_version,
        )


class OpenedRound(BaseModel):
    """A round and the unit it is for."""

    round_id: UUID
    unit_id: str


class UnknownRolloutBody(BaseModel):
    """A rollout that rounds belong to and that nobody has announced to this service."""

    code: Literal["rollout-unknown"]
    reference: str = Field(
        description="The rollout's id.", examples=["3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"]
    )
    detail: str = Field(
        examples=["There is no rollout 3f2b8c1e-..., or this service does not know it yet."]
    )

    @classmethod
    def of(cls, rollout_id: UUID) -> "UnknownRolloutBody":
        detail = f"There is no rollout {rollout_id}, or this service does not know it yet."
        return cls(code="rollout-unknown", reference=str(rollout_id), detail=detail)


class OpenedRoundsBody(BaseModel):
    """The rounds, in the order of the requested units."""

    release_id: UUID
    rounds: list[OpenedRound]
    warnings: list[UnknownRolloutBody] = Field(
        description="The rollout, if it is not known here yet. GET /open-problems lists it until"
        " it is."
    )

    @classmethod
    def of(
        cls, release: Release, rounds: Sequence[Round], rollout_is_known: bool
    ) -> "OpenedRoundsBody":
        opened = [OpenedRound(round_id=r.round_id, unit_id=r.unit.unit_id) for r in rounds]
        unknown = [] if rollout_is_known else [UnknownRolloutBody.of(release.rollout_id)]
        return cls(release_id=release.release_id, rounds=opened, warnings=unknown)


class RoundBody(BaseModel):
    """A round. It does not show how many people have answered."""

    round_id: UUID
    release_id: UUID
    rollout_id: UUID
    unit_id: str
    unit_name: str = Field(description="As it was when the round opened.")
    occasion: Occasion
    status: Status
    opens_at: AwareDatetime
    closes_at: AwareDatetime = Field(
        description="While `held_since` is set, answers are accepted also after it."
    )
    closed_at: AwareDatetime | None = Field(
        description="When it really closed, which may be before `closes_at`; null while it is open."
    )
    held_since: AwareDatetime | None = Field(
        description="Since when the round is held open, because its unit or its rollout is paused;"
        " null if neither is. When both go on, `closes_at` moves by the length of the pause."
    )
    results_by: AwareDatetime | None = Field(
        description="Until when the results wait for other units, and for pauses of this one. A"
        " pause of the whole rollout moves it. Null if they wait for nobody."
    )
    extension_reason: str | None = Field(
        description="Why a person changed the closing time; otherwise null."
    )
    write_off_reason: str | None = Field(
        description="Why its answers could not be used; otherwise null."
    )

    @classmethod
    def of(cls, round_: Round) -> "RoundBody":
        return cls(**_round_fields(round_))


class WholeRoundBody(RoundBody):
    """A round with everything that is needed to answer it."""

    instrument: InstrumentBody
    who_sees_what: Text


def whole_round(round_: Round, instrument: bytes, who_sees_what: Mapping[str, str]) -> bytes:
    """A WholeRoundBody as JSON; `instrument` is that part of it."""
    own = RoundBody.of(round_).model_dump_json().encode().removesuffix(b"}")
    texts = to_json(who_sees_what)
    return own + b',"instrument":' + instrument + b',"who_sees_what":' + texts + b"}"


class ExtendBody(RequestBody):
    """Another closing time. Readers of the round can see the reason: name no people."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"closes_at": "2026-04-17T15:00:00+02:00", "reason": "Many were on leave."}
            ]
        }
    )

    closes_at: Annotated[
        AwareDatetime,
        Field(description="In the future, and a year after the opening at the latest."),
    ]
    reason: Reason


class WriteOffBody(RequestBody):
    """Why a round's answers cannot be used. Readers of the round can see it: name no people."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "The key file was lost with its disk."}]}
    )

    reason: Reason


def _round_fields(round_: Round) -> dict[str, object]:
    release, unit = round_.release, round_.unit
    return {
        "round_id": round_.round_id,
        "release_id": release.release_id,
        "rollout_id": release.rollout_id,
        "unit_id": unit.unit_id,
        "unit_name": unit.name,
        "occasion": release.occasion,
        "status": round_.status,
        "opens_at": round_.opens_at,
        "closes_at": round_.closes_at,
        "closed_at": round_.closed_at,
        "held_since": round_.held_since,
        "results_by": release.wait and release.wait.until,
        "extension_reason": round_.extension_reason,
        "write_off_reason": round_.write_off_reason,
    }
