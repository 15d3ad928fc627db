"""Bodies of requests and responses, results apart. Shape is checked here, meaning in the domain."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StrictInt, StringConstraints

from assessment_service.application.answering import PersonalProfile
from assessment_service.application.queries import RoundView
from assessment_service.domain import scoring
from assessment_service.domain.instrument import BEHAVIOURS, Instrument, Item, Scale
from assessment_service.domain.round import Occasion, Release, Round, Status
from contracts.vocabulary import UnitId

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]  # PostgreSQL's integer
NO_NUL = r"^[^\x00]*$"  # PostgreSQL cannot store it
Text = Annotated[
    dict[Language, Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]],
    Field(description="Language code > text.", examples=[{"sv": "Ofta", "en": "Often"}]),
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ScaleBody(_Body):
    """Whole numbers from min to max with one label each, lowest first."""

    min: StrictInt
    max: StrictInt
    labels: Annotated[list[Text], Field(max_length=101)]
    not_applicable: bool


class ItemBody(_Body):
    """One statement."""

    item_id: Code
    behaviour: Annotated[str, Field(description=f"One of: {', '.join(BEHAVIOURS)}.")]
    text: Text


class MissingRuleBody(_Body):
    """With fewer answered items, a behaviour has no score for a person."""

    min_answered: Annotated[StrictInt, Field(ge=1)]


class InstrumentBody(_Body):
    """One version of an instrument. Published, it never changes."""

    instrument_id: Code
    version: Version
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)]
    scale: ScaleBody
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=200)]
    source: Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
    licence_note: Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
    missing_rule: MissingRuleBody

    def to_domain(self) -> Instrument:
        scale = self.scale
        return Instrument(
            instrument_id=self.instrument_id,
            version=self.version,
            languages=tuple(self.languages),
            scale=Scale(scale.min, scale.max, tuple(scale.labels), scale.not_applicable),
            items=tuple(Item(i.item_id, i.behaviour, i.text) for i in self.items),
            source=self.source,
            licence_note=self.licence_note,
            min_answered=self.missing_rule.min_answered,
        )

    @classmethod
    def of(cls, instrument: Instrument) -> "InstrumentBody":
        scale = instrument.scale
        return cls(
            instrument_id=instrument.instrument_id,
            version=instrument.version,
            languages=list(instrument.languages),
            scale=ScaleBody(
                min=scale.low,
                max=scale.high,
                labels=[dict(label) for label in scale.labels],
                not_applicable=scale.not_applicable,
            ),
            items=[
                ItemBody(item_id=i.item_id, behaviour=i.behaviour, text=dict(i.text))
                for i in instrument.items
            ],
            source=instrument.source,
            licence_note=instrument.licence_note,
            missing_rule=MissingRuleBody(min_answered=instrument.min_answered),
        )


class OpenRoundsBody(_Body):
    """Rounds to open, one in each unit. They are released together when the last has closed."""

    release_id: UUID
    rollout_id: UUID
    occasion: Occasion
    instrument_id: Code
    instrument_version: Version
    closes_at: Annotated[AwareDatetime, Field(description="A year from now at the latest.")]
    unit_ids: Annotated[list[UnitId], Field(min_length=1, max_length=1000)]

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


class OpenedRoundsBody(BaseModel):
    """The rounds, in the order of the units asked for."""

    release_id: UUID
    rounds: list[OpenedRound]

    @classmethod
    def of(cls, release_id: UUID, rounds: Sequence[Round]) -> "OpenedRoundsBody":
        opened = [OpenedRound(round_id=r.round_id, unit_id=r.unit.unit_id) for r in rounds]
        return cls(release_id=release_id, rounds=opened)


class RoundBody(BaseModel):
    """A round. Nothing in it tells how many have answered."""

    round_id: UUID
    release_id: UUID
    rollout_id: UUID
    unit_id: str
    unit_name: str = Field(description="As it was when the round opened.")
    occasion: Occasion
    status: Status
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    write_off_reason: str | None = Field(
        description="Why its answers could not be used; else null."
    )

    @classmethod
    def of(cls, round_: Round) -> "RoundBody":
        return cls(**_round_fields(round_))


class WholeRoundBody(RoundBody):
    """A round with all that is needed to ask it."""

    instrument: InstrumentBody
    who_sees_what: Text

    @classmethod
    def of_view(cls, view: RoundView, who_sees_what: dict[str, str]) -> "WholeRoundBody":
        return cls(
            **_round_fields(view.round),
            instrument=InstrumentBody.of(view.instrument),
            who_sees_what=who_sees_what,
        )


class WriteOffBody(_Body):
    """Why a round's answers cannot be used, for everybody who may see the round: no names."""

    reason: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=NO_NUL),
    ]


class AnswerBody(_Body):
    """One person's whole sheet; sent again, it replaces the earlier one."""

    answers: Annotated[
        dict[str, StrictInt | None],
        Field(
            max_length=200,
            description="Item id > answer on the scale, or null for 'not applicable'."
            " Items may be left out.",
            examples=[{"engagement-1": 4, "engagement-2": None}],
        ),
    ]


class ProfileLine(BaseModel):
    """A person's own score on one behaviour."""

    behaviour: str
    index: Annotated[int, Field(ge=0, le=100)] | None = Field(
        description="0-100, or null if too few items were answered."
    )
    label: Text | None = Field(description="The scale's label nearest to the score.")


class ProfileBody(BaseModel):
    """The answer to an answer: only here, only now, only for the person who answered."""

    profile: list[ProfileLine]

    @classmethod
    def of(cls, personal: PersonalProfile) -> "ProfileBody":
        lines = [
            ProfileLine(
                behaviour=behaviour,
                index=score,
                label=None if score is None else dict(scoring.label(personal.instrument, score)),
            )
            for behaviour, score in personal.scores.items()
        ]
        return cls(profile=lines)


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
        "write_off_reason": round_.write_off_reason,
    }
