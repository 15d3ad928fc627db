"""For which units a release waits, and until when: the results of a wave come out together, and no
unit can hold back the others for ever."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from assessment_service.domain.pauses import Pause


@dataclass(frozen=True, slots=True)
class Wait:
    """A release waits for the rounds of `units` that are still to open, until its deadline.

    `since` is when its first round opened. Then rounds that are held open close as well. Pauses of
    the whole rollout move the deadline.
    """

    units: frozenset[str]
    since: datetime
    until: datetime

    def deadline(self, pauses: Sequence[Pause], now: datetime) -> datetime:
        """The end of the wait, as far as it is known now. `pauses` are those of the whole rollout,
        in order; one that lasts has moved it by its length until now."""
        end = self.until
        for pause in pauses:
            start = max(pause.start, self.since)
            if start >= end:
                break
            end += max((pause.end or now) - start, timedelta(0))
        return end

    def lasts(self, pauses: Sequence[Pause], now: datetime) -> bool:
        """Whether a unit is still waited for."""
        return bool(self.units) and now < self.deadline(pauses, now)

    def without(self, units: Collection[str]) -> "Wait":
        """The wait after the rounds of these units opened, or will not open any more."""
        return replace(self, units=self.units - frozenset(units))

    def until_after(self, closes_at: datetime, deadline: datetime) -> "Wait":
        """The wait if a round of the release was extended to `closes_at`: it is waited for."""
        return replace(self, until=self.until + max(closes_at - deadline, timedelta(0)))
