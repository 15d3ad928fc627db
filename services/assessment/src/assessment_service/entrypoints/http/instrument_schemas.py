"""Bodies of instruments."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from assessment_service.domain.instrument import BEHAVIOURS, Instrument, Item, Scale
from assessment_service.entrypoints.http.fields import Code, Language, Text, Version
from servicekit.request_body import RequestBody
from servicekit.text import Prose

COLUMNS = ("instrument_id", "version", "languages", "items", "min_answered")
"""Of a list of instruments as a file."""


class ScaleBody(RequestBody):
    """Whole numbers from min to max with one label each, lowest first."""

    min: StrictInt
    max: StrictInt
    labels: Annotated[list[Text], Field(max_length=101)]
    not_applicable: bool


class ItemBody(RequestBody):
    """One statement."""

    item_id: Code
    behaviour: Annotated[str, Field(description=f"One of: {', '.join(BEHAVIOURS)}.")]
    text: Text


class MissingRuleBody(RequestBody):
    """A behaviour with fewer answered items has no score for that person."""

    min_answered: Annotated[StrictInt, Field(ge=1)]


class InstrumentBody(RequestBody):
    """One version of an instrument. A published version never changes."""

    instrument_id: Code
    version: Version
    languages: Annotated[list[Language], Field(min_length=1, max_length=20)]
    scale: ScaleBody
    items: Annotated[list[ItemBody], Field(min_length=1, max_length=200)]
    source: Annotated[Prose, Field(max_length=2000)]
    licence_note: Annotated[Prose, Field(max_length=2000)]
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
        """Not validated: what was published before a rule was made is shown as it is."""
        scale = instrument.scale
        return cls.model_construct(
            instrument_id=instrument.instrument_id,
            version=instrument.version,
            languages=list(instrument.languages),
            scale=ScaleBody.model_construct(
                min=scale.low,
                max=scale.high,
                labels=[dict(label) for label in scale.labels],
                not_applicable=scale.not_applicable,
            ),
            items=[
                ItemBody.model_construct(
                    item_id=i.item_id, behaviour=i.behaviour, text=dict(i.text)
                )
                for i in instrument.items
            ],
            source=instrument.source,
            licence_note=instrument.licence_note,
            missing_rule=MissingRuleBody.model_construct(min_answered=instrument.min_answered),
        )


class InstrumentDocuments:
    """Instruments as JSON. They never change and are few, so each is made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], bytes] = {}

    def of(self, instrument: Instrument) -> bytes:
        version = instrument.instrument_id, instrument.version
        if version not in self._made:
            self._made[version] = InstrumentBody.of(instrument).model_dump_json().encode()
        return self._made[version]


class InstrumentCard(BaseModel):
    """A version as the list has it."""

    instrument_id: str
    version: int
    languages: list[str]
    items: int = Field(description="How many statements it has.")
    min_answered: int = Field(
        description="A behaviour with fewer answered items has no score for that person."
    )

    @classmethod
    def of(cls, instrument: Instrument) -> "InstrumentCard":
        return cls(
            instrument_id=instrument.instrument_id,
            version=instrument.version,
            languages=list(instrument.languages),
            items=len(instrument.items),
            min_answered=instrument.min_answered,
        )

    def row(self) -> tuple[str | int, ...]:
        """Its values in the order of COLUMNS."""
        languages = ", ".join(self.languages)
        return self.instrument_id, self.version, languages, self.items, self.min_answered
