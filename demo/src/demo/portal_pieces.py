"""The portal's pictures in the report: its templates with the demo's figures.

The only module of the demo that knows a service from inside.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from demo.markup import Html
from demo.wording import Language
from portal_service.domain import comparison, wave_axis
from portal_service.domain.comparison import Change
from portal_service.domain.matrix import SHAPES
from portal_service.domain.texts import PHASES
from portal_service.entrypoints.pages import STATIC, Pages


def style() -> str:
    """What the pieces need; the report's own style gives the colours."""
    return (STATIC / "portal.css").read_text(encoding="utf-8")


def phases(rollout: Mapping[str, Any], say: Language) -> Html:
    """The phases in order, and which one a rollout is in."""
    return Html(_macros("parts", say).phases(list(PHASES), rollout))


def waves(planned: Sequence[Mapping[str, Any]], now: datetime, say: Language) -> Html:
    """When waves start; nothing if that is no picture. `planned` are waves of the result."""
    shown = [
        {
            "wave": wave["wave"],
            "planned_start": wave["planned_start"] or wave["started_at"],
            "status": _status(wave),
        }
        for wave in planned
    ]
    axis = wave_axis.axis_of(shown, now)
    return Html(_macros("pictures", say).waves(axis, wave_axis, SHAPES, "axis") if axis else "")


def changes(behaviours: Mapping[str, Mapping[str, int] | None], say: Language) -> Html:
    """Each behaviour before and after; None is not shown."""
    lines = [
        Change(code, means["before"], means["after"]) if means else Change(code, None, None)
        for code, means in behaviours.items()
    ]
    return Html(_macros("pictures", say).changes(lines, comparison))


def criterion(one: Mapping[str, Any], value: str, threshold: str, say: Language) -> Html:
    """A gate's criterion with a value, on its scale; `value` and `threshold` as they are said."""
    drawn = _macros("bars", say).criterion(one, f"criterion-{one['code']}", value, threshold)
    return Html(drawn.strip())


def share(of: str, title: str, said: str, part: int, whole: int, say: Language) -> Html:
    """A part of a whole. `of`: unique on its page; `said`: the part in words."""
    drawn = _macros("bars", say).drawn(of, title, said, 0, part, None, 0, whole)
    return Html(drawn.strip())


def _status(wave: Mapping[str, Any]) -> str:
    if wave["completed_at"]:
        return "completed"
    return "running" if wave["started_at"] else "planned"


@cache
def _pages() -> Pages:
    return Pages()


def _macros(template: str, say: Language) -> Any:
    return _pages().macros(template, say.code)
