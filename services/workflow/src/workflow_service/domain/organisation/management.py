"""Whether a unit has a manager, as the people service said last; who it is, is known there only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Management:
    """`since` is when the newest manager came, or the last one left; `version` counts changes."""

    unit_id: str
    has_manager: bool
    since: datetime
    version: int
