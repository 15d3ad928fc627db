"""Parts of bodies that several routes use. Bodies check data's shape, the domain its meaning."""

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
)

from content_service.domain.reference import UnknownReference
from content_service.entrypoints.app import ID_PATTERN
from servicekit.text import Line, clean
from servicekit.text import Prose as Lines

NO_NAMES = "Name no people."
STORED = "stored"
"""The context of texts that were accepted before: they are shown as they are."""


def draft_line(text: str, info: ValidationInfo) -> str:
    return text if info.context == STORED else clean(text)


def _draft_prose(text: str, info: ValidationInfo) -> str:
    return text if info.context == STORED else clean(text, lines=True)


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Words = Annotated[Line, Field(max_length=300)]
Reason = Annotated[
    Lines,
    Field(
        max_length=2_000,
        description=f"Why it is changed; readers of the unit's records see it. {NO_NAMES}",
        examples=["Two meetings were recorded as one."],
    ),
]
DraftWords = Annotated[str, AfterValidator(draft_line), Field(max_length=300)]
DraftProse = Annotated[str, AfterValidator(_draft_prose), Field(max_length=20_000)]


class Read(BaseModel):
    """A body that is read from an object with the same attributes."""

    model_config = ConfigDict(from_attributes=True)


class UnknownReferenceBody(Read):
    """A rollout or unit that is referred to and that this service does not know."""

    code: str = Field(examples=["rollout-unknown"])
    reference: str = Field(
        description="The id of the rollout, or of the unit.",
        examples=["3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"],
    )
    detail: str = Field(
        examples=["There is no rollout 3f2b8c1e-..., or this service does not know it yet."]
    )

    @classmethod
    def of(cls, unknown: UnknownReference) -> "UnknownReferenceBody":
        return cls.model_validate(unknown)
