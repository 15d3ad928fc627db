"""The questions of a round: all on one page, or one behaviour at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal_service.domain.forms import whole_number

NOT_APPLICABLE = "n"


@dataclass(frozen=True, slots=True)
class Shown:
    """What comes next. `step` counts behaviours from 1; None for all on one page. Without `missing`
    and `step` everything is answered."""

    step: int | None
    missing: tuple[str, ...]


def behaviours_of(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """In the instrument's order."""
    return list(dict.fromkeys(item.get("behaviour") or "" for item in items))


def step_of(text: str, items: Sequence[Mapping[str, Any]]) -> int | None:
    """None for what is no step of these questions."""
    step = whole_number(text)
    return step if step is not None and 1 <= step <= len(behaviours_of(items)) else None


def choices_of(scale: Mapping[str, Any]) -> set[str]:
    numbers = {str(scale["min"] + place) for place in range(len(scale["labels"]))}
    return numbers | ({NOT_APPLICABLE} if scale["not_applicable"] else set())


def after(
    typed: Mapping[str, str], items: Sequence[Mapping[str, Any]], choices: Collection[str]
) -> Shown:
    """What is shown to whoever sent `typed`: answers by item, `step` for the page that they were
    on, and `to` for the page that they want."""
    behaviours = behaviours_of(items)
    missing = [one for one in items if typed.get(one["item_id"]) not in choices]
    step, to = step_of(typed.get("step", ""), items), step_of(typed.get("to", ""), items)
    if step is None:
        return Shown(None, tuple(one["item_id"] for one in missing))
    if to is None or to > step:
        here = behaviours[step - 1]
        own = [one["item_id"] for one in missing if (one.get("behaviour") or "") == here]
        if own:
            return Shown(step, tuple(own))
    if to is None and missing:
        first = behaviours.index(missing[0].get("behaviour") or "") + 1
        return Shown(first, tuple(one["item_id"] for one in missing))
    return Shown(to, ())
