"""What other services report about a unit's journey: it decides whether a step is over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class RoundReleased:
    """A round's results were released.

    `participation` is the lower edge of the released band in per cent, `indices` the index 0-100 by
    behaviour; None and empty where the privacy rule hides them.
    """

    kind: Literal["baseline_released", "follow_up_released"]
    participation: int | None = None
    indices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ModuleCompleted:
    """The unit has worked through a module."""

    module_id: str
    kind: Literal["module_completed"] = "module_completed"


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """The unit held a workplace meeting."""

    kind: Literal["meeting_held"] = "meeting_held"


@dataclass(frozen=True, slots=True)
class ActionChosen:
    """The unit chose an action to practise."""

    kind: Literal["action_chosen"] = "action_chosen"


@dataclass(frozen=True, slots=True)
class ActionCheckedBack:
    """The unit looked back at its action."""

    kind: Literal["action_checked_back"] = "action_checked_back"


EvidenceKind = Literal[
    "baseline_released",
    "follow_up_released",
    "module_completed",
    "meeting_held",
    "action_chosen",
    "action_checked_back",
]
PRACTICE: frozenset[EvidenceKind] = frozenset(
    ("module_completed", "meeting_held", "action_chosen", "action_checked_back")
)
"""What units do themselves."""
EvidenceDetail = RoundReleased | ModuleCompleted | MeetingHeld | ActionChosen | ActionCheckedBack


@dataclass(frozen=True, slots=True)
class Evidence:
    """That something happened in a unit, and in which trace (W3C `traceparent`)."""

    kind: EvidenceKind
    at: datetime
    traceparent: str | None = None
