"""Parts of bodies that several routes use. Bodies check data's shape, the domain its meaning."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from content_service.entrypoints.app import ID_PATTERN

NO_NAMES = "Name no people."


def _storable(words: str) -> str:
    if "\0" in words:
        raise ValueError("holds a NUL character, which cannot be stored")
    return words


Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Words = Annotated[str, StringConstraints(max_length=300), AfterValidator(_storable)]
Prose = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(_storable)]


class Sent(BaseModel):
    """A body that a client sends; an unknown field is refused, not dropped."""

    model_config = ConfigDict(extra="forbid")


class Read(BaseModel):
    """A body that is read from an object with the same attributes."""

    model_config = ConfigDict(from_attributes=True)
