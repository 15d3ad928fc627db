"""How far an import of persons is, seen from outside its transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ImportStep = Literal["reading", "comparing", "storing", "done", "refused"]


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """`done` of `total` persons are stored; both are 0 until it is known how many change. In the
    last two steps the import has ended."""

    step: ImportStep
    done: int
    total: int
    at: datetime


class Progress(Protocol):
    """Where one import notes how far it is. What it notes stays if the import is refused."""

    async def note(self, step: ImportStep, done: int = 0, total: int = 0) -> None: ...


class Unnoted:
    """A `Progress` that nobody looks at."""

    async def note(self, step: ImportStep, done: int = 0, total: int = 0) -> None:
        """Nothing is noted."""
