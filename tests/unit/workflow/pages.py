"""Parts of lists, as a test asks for them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A part of a list (the port `PageOf`)."""

    offset: int
    limit: int


def page(offset: int, limit: int) -> Part:
    return Part(offset, limit)
