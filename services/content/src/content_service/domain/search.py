"""What a search finds: a public text, with the places where its words are."""

from dataclasses import dataclass
from typing import Literal

SearchedKind = Literal["news", "question", "film", "e_learning", "module"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; `found` if it is one of the words that were searched for."""

    text: str
    found: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """`excerpt` has the places of the body that match best."""

    kind: SearchedKind
    id: str
    title: tuple[Part, ...]
    excerpt: tuple[Part, ...]
