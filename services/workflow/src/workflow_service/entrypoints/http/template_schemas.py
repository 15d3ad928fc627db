"""The template document's schema, and the bodies of registered templates. Shape is checked here,
meaning in the domain (domain/template/check.py)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
)

from servicekit.request_body import RequestBody
from servicekit.text import Line
from workflow_service.application.ports import Reference, StoredTemplate
from workflow_service.application.template.handlers import unknown_detail
from workflow_service.domain.duration import parse_duration
from workflow_service.domain.template.template import MAX_WAVE_SIZE, Measure, Order, StepName
from workflow_service.entrypoints.http.fields import Code, Version


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _some_time(text: str) -> str:
    if parse_duration(text).is_zero:
        raise ValueError("must be longer than zero")
    return text


Words = Annotated[Line, Field(max_length=200)]
DurationText = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_duration),
    Field(description="ISO 8601, such as P14D, P6M or PT30M.", examples=["P14D"]),
]
PositiveDurationText = Annotated[DurationText, AfterValidator(_some_time)]
Threshold = Annotated[float, Field(strict=True, ge=-100, le=100, allow_inf_nan=False)]
_WARNINGS = "Instruments and modules that are not published, or not known to be yet."
Minutes = Annotated[dict[StepName, Annotated[StrictInt, Field(ge=0, le=10_000)]], Field()]


class TextBody(RequestBody):
    """One text in both languages."""

    sv: Annotated[Words, Field(examples=["Införande"])]
    en: Annotated[Words, Field(examples=["Introduction"])]


class InstrumentRefBody(RequestBody):
    """A version of an assessment instrument."""

    id: Annotated[Code, Field(examples=["um-self-assessment"])]
    version: Version


class PreparationBody(RequestBody):
    """Over when its least time has passed and a manager is assigned."""

    min_duration: DurationText


class RoundBody(RequestBody):
    """A self-assessment round: how long it is open, at most a year, and with which instrument."""

    window: PositiveDurationText
    instrument: InstrumentRefBody
    release_within: Annotated[
        PositiveDurationText | None,
        Field(
            exclude_if=lambda value: value is None,
            description="The results of a wave's units come out together, when all have answered,"
            " at the latest so long after the first unit began. Twice the window if left out.",
        ),
    ] = None


class ModulesBody(RequestBody):
    """The modules a unit works with, and the least time for that."""

    module_ids: Annotated[list[Code], Field(min_length=1, examples=[["start-together"]])]
    min_duration: DurationText


class AfterCareBody(RequestBody):
    """When, counted from the end of the follow-up, the unit is looked at again."""

    checkpoints: Annotated[list[PositiveDurationText], Field(min_length=1)]


class StepsBody(RequestBody):
    """The five steps of a unit's journey."""

    preparation: PreparationBody
    baseline: RoundBody
    modules: ModulesBody
    follow_up: RoundBody
    after_care: AfterCareBody


class GateCriterionBody(RequestBody):
    """At or above `pass_at_least` passes, below `fail_below` fails, between the two is
    inconclusive. Per cent; `change_since_baseline` in index points. A dry run does not decide."""

    code: Annotated[Code, Field(examples=["participation"])]
    measure: Measure
    pass_at_least: Annotated[Threshold, Field(examples=[60])]
    fail_below: Annotated[Threshold, Field(examples=[40])]
    dry_run: Annotated[StrictBool, Field(examples=[False])]


class PilotGateBody(RequestBody):
    """What the pilot is weighed by. At least one criterion decides."""

    name: Annotated[Words, Field(examples=["pilot-evaluation"])]
    criteria: Annotated[list[GateCriterionBody], Field(min_length=1)]


class WavesBody(RequestBody):
    """How the wide introduction is cut into waves: units per wave, in which order, how far apart,
    and the step that a wave must have finished before the next one starts."""

    size: Annotated[StrictInt, Field(ge=1, le=MAX_WAVE_SIZE, examples=[12])]
    verified_after: Annotated[StepName, Field(examples=["modules"])]
    order: Order
    gap: DurationText


class MinutesAskedBody(RequestBody):
    """Minutes that each step asks of one manager and of one employee."""

    manager: Annotated[Minutes, Field(examples=[{"preparation": 90}])]
    employee: Annotated[Minutes, Field(examples=[{"baseline": 15}])]


class TemplateDocument(RequestBody):
    """One version of a rollout template."""

    template_id: Annotated[Code, Field(examples=["um-introduction"])]
    version: Version
    name: TextBody
    steps: StepsBody
    pilot_gate: PilotGateBody
    waves: WavesBody
    minutes_asked: MinutesAskedBody


class WarningBody(BaseModel):
    """Something that is accepted and may be wrong."""

    pointer: str = Field(description="JSON pointer into the document.")
    detail: str


class CheckedTemplateBody(BaseModel):
    """A version that can be registered."""

    warnings: list[WarningBody] = Field(description=_WARNINGS)


class TemplateBody(BaseModel):
    """A registered version."""

    template_id: str
    version: int
    name: dict[str, str]
    registered_at: datetime
    document: dict[str, Any] = Field(description="The template as it was registered.")
    warnings: list[WarningBody] = Field(description=_WARNINGS)

    @classmethod
    def of(cls, stored: StoredTemplate, unknown: Mapping[Reference, str]) -> "TemplateBody":
        template = stored.template
        return cls(
            template_id=template.template_id,
            version=template.version,
            name={"sv": template.name.sv, "en": template.name.en},
            registered_at=stored.registered_at,
            document=dict(stored.document),
            warnings=warnings_of(unknown),
        )


def warnings_of(unknown: Mapping[Reference, str]) -> list[WarningBody]:
    """One for each reference that is not known; `unknown` says where it is."""
    return [
        WarningBody(pointer=pointer, detail=unknown_detail(reference))
        for reference, pointer in unknown.items()
    ]
