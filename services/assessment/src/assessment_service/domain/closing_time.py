"""When a round closes: as set at opening, unless it is extended or a pause moves it. The deadline
of its release (wait.py) ends every pause: a unit must not hold back the results of all others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assessment_service.domain.errors import DomainError
from assessment_service.domain.pauses import Pause
from assessment_service.domain.round import LONGEST, Round, closed_error


@dataclass(frozen=True, slots=True)
class RoundExtended:
    """The round's closing time is another one."""

    round: Round


def is_due(round_: Round, now: datetime, deadline: datetime | None = None) -> bool:
    """Whether it is open past its closing time, or past the deadline of its release. Only the
    latter closes a held round."""
    if round_.status != "open":
        return False
    if deadline is not None and deadline <= now:
        return True
    return round_.held_since is None and round_.closes_at <= now


def extend(
    round_: Round, closes_at: datetime, reason: str, now: datetime
) -> tuple[Round, RoundExtended | None]:
    """Return the round with a new closing time; the event only if it differs from the old one.

    Pauses before now do not count any more: the new time is meant as it is given.

    Raises DomainError `round-closed`, `closing-time-past`, or `window-too-long`.
    """
    if round_.status != "open" or is_due(round_, now):
        raise closed_error(round_.round_id)
    if closes_at <= now:
        detail = "The new closing time is past. To close the round now, use `close`."
        expected = f"Use a time after {now.isoformat()}."
        raise DomainError("closing-time-past", "invalid", detail, _at_closing_time(expected))
    if closes_at > (latest := round_.opens_at + LONGEST):
        detail = "A round can be open for a year at most."
        expected = f"Use {latest.isoformat()} at the latest."
        raise DomainError("window-too-long", "invalid", detail, _at_closing_time(expected))
    extended = replace(
        round_,
        closes_at=closes_at,
        moved_by=timedelta(0),
        extended_at=now,
        extension_reason=reason,
        held_since=now if round_.held_since else None,
    )
    return extended, RoundExtended(extended) if closes_at != round_.closes_at else None


def hold(
    round_: Round, pauses: Sequence[Pause], deadline: datetime | None = None
) -> tuple[Round, RoundExtended | None]:
    """Return the round as these pauses of its unit make it, all of them or none before.

    A pause moves the closing time by its length, at most to the deadline; while it lasts, the round
    is held open. A pause that begins after the closing time changes nothing.
    """
    if round_.status != "open":
        return round_, None
    set_at = round_.extended_at or round_.opens_at
    closes_at = set_to = round_.closes_at - round_.moved_by
    held_since = None
    for pause in pauses:
        start = max(pause.start, set_at)
        if start >= closes_at:
            break
        if pause.end is None:
            held_since = start
        else:
            closes_at += max(pause.end - start, timedelta(0))
    if deadline is not None:
        closes_at = min(closes_at, max(deadline, set_to))
    held = replace(round_, closes_at=closes_at, moved_by=closes_at - set_to, held_since=held_since)
    return held, RoundExtended(held) if closes_at != round_.closes_at else None


def _at_closing_time(expected: str) -> list[dict[str, str]]:
    return [{"pointer": "/closes_at", "detail": expected}]
