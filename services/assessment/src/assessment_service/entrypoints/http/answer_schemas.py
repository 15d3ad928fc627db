"""Bodies of a person's answer and its reply."""

from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from assessment_service.application.answering import PersonalProfile
from assessment_service.domain import scoring
from assessment_service.domain.instrument import Behaviour
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

    @classmethod
    def of(cls, personal: PersonalProfile) -> "ProfileBody":
        lines = [
            ProfileLine.model_construct(
                behaviour=behaviour,
                index=score,
                label=None if score is None else dict(scoring.label(personal.instrument, score)),
            )
            for behaviour, score in personal.scores.items()
        ]
        return cls.model_construct(profile=lines)
