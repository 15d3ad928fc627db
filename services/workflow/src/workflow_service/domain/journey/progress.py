"""How far the journeys of a wave are, as far as the wave as a whole depends on it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workflow_service.domain.journey.journey import ENDED, Journey, Status
from workflow_service.domain.template.template import STEPS, RolloutTemplate


@dataclass(frozen=True, slots=True)
class WaveProgress:
    """A wave's journeys, counted by status and step."""

    counts: Mapping[tuple[Status, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, journeys: Iterable[Journey]) -> "WaveProgress":
        return cls(Counter((journey.status, journey.step) for journey in journeys))

    @property
    def statuses(self) -> frozenset[Status]:
        """Those that occur."""
        return frozenset(status for status, _ in self.counts)

    @property
    def ended(self) -> bool:
        """Whether every journey is over."""
        return self.statuses <= ENDED

    def verified(self, template: RolloutTemplate) -> bool:
        """Whether all journeys except paused and stopped ones have passed the step that the
        template names."""
        going = [place for place in self.counts if place[0] not in ("paused", "stopped")]
        last = STEPS.index(template.waves.verified_after)
        return bool(going) and all(
            status == "completed" or STEPS.index(step) > last for status, step in going
        )
