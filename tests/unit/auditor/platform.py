"""Releases made by the service's own domain code, and what the public sees of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from assessment_service.domain import results
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.report_group import ReportGroup
from assessment_service.domain.results import release_cells
from assessment_service.domain.round_answers import RoundAnswers
from assessment_service.domain.scoring import Profile
from auditor import published
from auditor.audit import audit
from auditor.findings import Report
from auditor.published import Cell, Published, Release
from unit.assessment.builders import crowd_of, instrument

SAME_TIME = timedelta(days=90)
START = datetime(2026, 3, 2, tzinfo=UTC)
ASKED = instrument()

Publish = Callable[[Sequence[RoundAnswers], PrivacyRule], Sequence[results.Cell]]
Groups = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A unit that is asked: its path, how many people it has, and the answers."""

    path: tuple[str, ...]
    headcount: int
    answers: Sequence[Profile]

    @property
    def unit_id(self) -> str:
        return self.path[-1]


def by_the_rule(rounds: Sequence[RoundAnswers], rule: PrivacyRule) -> Sequence[results.Cell]:
    return release_cells(rounds, ASKED, rule)


@dataclass
class Platform:
    """Publishes releases one after another and remembers what was published about whom."""

    rule: PrivacyRule = field(default_factory=PrivacyRule)
    publish: Publish = by_the_rule
    has_register: bool = True
    released: list[Release] = field(default_factory=list)
    truth: dict[str, Mapping[str, Sequence[published.Profile]]] = field(default_factory=dict)
    _registered: list[tuple[Release, set[str]]] = field(default_factory=list)

    def release(
        self,
        units: Sequence[Asked],
        *,
        rollout: str = "rollout",
        day: float = 0,
        groups: Groups = (),
    ) -> Sequence[results.Cell]:
        """Compute and publish a release whose rounds all closed on this day. With `groups` of units
        that are reported together, it is the service's own rule that chooses."""
        closed = START + timedelta(days=day)
        made = Release(str(len(self.released)), rollout, "occasion", (closed, closed), (), {})
        recently = self._recently_about(made) if self.has_register else set()
        rounds = [
            RoundAnswers(
                uuid4(),
                one.unit_id,
                one.path,
                one.headcount,
                crowd_of(one.answers),
                one.unit_id in recently,
            )
            for one in units
        ]
        joined = [ReportGroup.of(uuid4(), units) for units in groups]
        cells = (
            release_cells(rounds, ASKED, self.rule, joined)
            if groups
            else self.publish(rounds, self.rule)
        )
        populations = results.populations(cells, rounds).values()
        self._registered.append((made, {unit for asked in populations for unit in asked}))
        public = tuple(
            Cell(
                c.unit_id,
                c.path,
                c.shown,
                c.participation_band,
                {str(behaviour): index for behaviour, index in c.indexes.items()},
                c.hidden_because,
            )
            for c in cells
        )
        headcounts = {one.unit_id: one.headcount for one in units}
        together = tuple(group.unit_ids for group in joined)
        release = replace(made, cells=public, headcounts=headcounts, groups=together)
        self.released.append(release)
        self.truth[made.release_id] = {
            one.unit_id: [
                {str(b): score for b, score in profile.items()} for profile in one.answers
            ]
            for one in units
        }
        return cells

    def audit(self) -> Report:
        everything = Published(self.rule.k, SAME_TIME, tuple(self.released))
        return audit(everything, self.truth)

    def _recently_about(self, release: Release) -> set[str]:
        """As the service's register answers (tests/integration/assessment asks the real one)."""
        return {
            unit
            for other, units in self._registered
            if other.rollout_id != release.rollout_id
            and abs(other.closed[0] - release.closed[0]) <= SAME_TIME
            for unit in units
        }
