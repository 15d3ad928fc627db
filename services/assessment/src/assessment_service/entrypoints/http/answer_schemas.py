"""Bodies of a person's answer and its reply."""

import json
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from assessment_service.application.answering import PersonalProfile
from assessment_service.domain import scoring
from assessment_service.domain.instrument import Behaviour, Instrument
from assessment_service.entrypoints.http.fields import Text
from servicekit.request_body import RequestBody


class AnswerBody(RequestBody):
    """All answers of one person; a second sheet replaces the first."""

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

    behaviour: Behaviour
    index: Annotated[int, Field(ge=0, le=100)] | None = Field(
        description="0-100, or null if too few items were answered."
    )
    label: Text | None = Field(description="The scale's label nearest to the score.")


class ProfileBody(BaseModel):
    """The response to an answer: shown once, only to the person who answered, and not stored."""

    profile: list[ProfileLine]


class ProfileDocuments:
    """Profiles as JSON, of the form of ProfileBody. The labels of an instrument never change, so
    each is written once."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, int], list[str]] = {}

    def of(self, personal: PersonalProfile) -> bytes:
        instrument = personal.instrument
        labels = self._labels_of(instrument)
        steps = instrument.scale.steps
        lines = [
            f'{{"behaviour":"{behaviour}","index":null,"label":null}}'
            if score is None
            else f'{{"behaviour":"{behaviour}","index":{score},'
            f'"label":{labels[scoring.category(score, steps)]}}}'
            for behaviour, score in personal.scores.items()
        ]
        return f'{{"profile":[{",".join(lines)}]}}'.encode()

    def _labels_of(self, instrument: Instrument) -> list[str]:
        version = instrument.instrument_id, instrument.version
        if version not in self._labels:
            self._labels[version] = [
                json.dumps(dict(label), ensure_ascii=False, separators=(",", ":"))
                for label in instrument.scale.labels
            ]
        return self._labels[version]
