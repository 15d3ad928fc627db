"""The pilot's gate: three outcomes, from released aggregates only. What is hidden or missing is
inconclusive, never a pass; a dry-run criterion is shown and does not decide.

Values are per cent of the pilot's units, except `participation` (per cent of the pilot's headcount,
by the lower edge of the band that its release shows as a whole) and `change_since_baseline` (index
points, 0-100). A unit that was stopped has left the pilot: it does not count, whatever it did. If
all were stopped, nothing can be said.

The gate may be evaluated again. Results are released once, so what rests on them never changes. A
completed journey had a meeting, a chosen action and a check-back, or it would not be complete. So
only modules that are completed late, and evidence that is withdrawn, can still change the outcome.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workflow_service.domain.journey.evidence import (
    ActionCheckedBack,
    ActionChosen,
    EvidenceDetail,
    MeetingHeld,
    ModuleCompleted,
    RoundReleased,
)
from workflow_service.domain.template import template

Outcome = Literal["pass", "fail", "inconclusive"]


@dataclass(frozen=True, slots=True)
class UnitEvidence:
    """What is known of one pilot unit; `stopped` if its journey ended before its aim."""

    unit_id: str
    stopped: bool = False
    meetings: int = 0
    actions_chosen: int = 0
    actions_checked_back: int = 0
    modules_completed: frozenset[str] = frozenset()
    baseline: RoundReleased | None = None
    follow_up: RoundReleased | None = None

    @classmethod
    def of(
        cls, unit_id: str, details: Sequence[EvidenceDetail], *, stopped: bool
    ) -> "UnitEvidence":
        """From all the unit's evidence, oldest first: of a round, the first release counts."""
        released = [each for each in details if isinstance(each, RoundReleased)]

        def first(kind: str) -> RoundReleased | None:
            return next((each for each in released if each.kind == kind), None)

        def count(kind: type[EvidenceDetail]) -> int:
            return sum(isinstance(each, kind) for each in details)

        return cls(
            unit_id=unit_id,
            stopped=stopped,
            meetings=count(MeetingHeld),
            actions_chosen=count(ActionChosen),
            actions_checked_back=count(ActionCheckedBack),
            modules_completed=frozenset(
                each.module_id for each in details if isinstance(each, ModuleCompleted)
            ),
            baseline=first("baseline_released"),
            follow_up=first("follow_up_released"),
        )


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion as weighed. `hidden`: at least one unit's value may not be shown or is missing.

    `threshold` is what passes; `source` is the evidence it rests on; more time does not change what
    is `final`.
    """

    code: str
    outcome: Outcome
    value: float | None
    threshold: float
    hidden: bool
    dry_run: bool
    source: str
    explanation: str
    final: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """A person set the outcome. The reason is shown beside the gate from then on."""

    outcome: Literal["pass", "fail"]
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EvaluatedGate:
    """A gate as last evaluated. `outcome` is what counts: the override's where there is one."""

    name: str
    evaluated: Outcome
    evaluated_at: datetime
    criteria: tuple[CriterionResult, ...]
    override: Override | None = None

    @property
    def outcome(self) -> Outcome:
        return self.override.outcome if self.override else self.evaluated

    @property
    def can_change(self) -> bool:
        """Whether more time can change what decides: a deciding criterion has not passed and is
        not final, and none has failed for good."""
        open_ = [each for each in self.criteria if not each.dry_run and each.outcome != "pass"]
        lost = any(each.final and each.outcome == "fail" for each in open_)
        return not lost and any(not each.final for each in open_)


def evaluate(
    gate: template.Gate, units: Sequence[UnitEvidence], module_ids: Iterable[str], now: datetime
) -> EvaluatedGate:
    """Weigh the pilot. `module_ids` are those that every pilot unit was given."""
    wanted = frozenset(module_ids)
    staying = [unit for unit in units if not unit.stopped]
    left = len(units) - len(staying)
    results = tuple(_weigh(criterion, staying, left, wanted) for criterion in gate.criteria)
    return EvaluatedGate(gate.name, _combine(results), now, results)


def _combine(results: Iterable[CriterionResult]) -> Outcome:
    outcomes = {result.outcome for result in results if not result.dry_run}
    if "fail" in outcomes:
        return "fail"
    return "pass" if outcomes == {"pass"} else "inconclusive"


def _weigh(
    criterion: template.Criterion,
    units: Sequence[UnitEvidence],
    left: int,
    module_ids: frozenset[str],
) -> CriterionResult:
    values = _MEASURES[criterion.measure](units, module_ids)
    missing = sum(value is None for value in values)
    known = [value for value in values if value is not None]
    value = round(sum(known) / len(known), 1) if known and not missing else None
    outcome = _judge(criterion, value)
    return CriterionResult(
        code=criterion.code,
        outcome=outcome,
        value=value,
        threshold=criterion.pass_at_least,
        hidden=value is None,
        dry_run=criterion.dry_run,
        source=_SOURCES[criterion.measure],
        explanation=_explain(criterion, outcome, value, missing, len(values)) + _without(left),
        final=not units or _LATER[criterion.measure] == _RELEASED,
    )


def _judge(criterion: template.Criterion, value: float | None) -> Outcome:
    if value is None:
        return "inconclusive"
    if value >= criterion.pass_at_least:
        return "pass"
    return "fail" if value < criterion.fail_below else "inconclusive"


def _explain(
    criterion: template.Criterion, outcome: Outcome, value: float | None, missing: int, asked: int
) -> str:
    notes = "" if outcome == "pass" or not asked else f" {_LATER[criterion.measure]}"
    notes += " Dry run: shown, not deciding." if criterion.dry_run else ""
    if value is None:
        what = f"hidden (too few answers) or missing for {missing} of {asked} values"
        what = what if asked else "no unit is left in the pilot"
        return f"Inconclusive: {what}.{notes}"
    relation = {
        "pass": f"is at or above {criterion.pass_at_least:g}",
        "fail": f"is below {criterion.fail_below:g}",
        "inconclusive": f"is between {criterion.fail_below:g} and {criterion.pass_at_least:g}",
    }[outcome]
    return f"{value:g} {relation}.{notes}"


def _without(left: int) -> str:
    units = "1 unit that was" if left == 1 else f"{left} units that were"
    return f" Without {units} stopped." if left else ""


Values = list[float | None]


def _share(test: Callable[[UnitEvidence], bool], units: Sequence[UnitEvidence]) -> Values:
    return [100.0 if test(unit) else 0.0 for unit in units]


def _participation(units: Sequence[UnitEvidence], _: frozenset[str]) -> Values:
    rounds = [each for unit in units for each in (unit.baseline, unit.follow_up)]
    return [each.participation if each else None for each in rounds]


def _change(units: Sequence[UnitEvidence], _: frozenset[str]) -> Values:
    changes: Values = []
    for unit in units:
        before = unit.baseline.indices if unit.baseline else {}
        after = unit.follow_up.indices if unit.follow_up else {}
        both = sorted(before.keys() & after.keys())
        total = sum(after[code] - before[code] for code in both)
        changes.append(total / len(both) if both else None)
    return changes


_MEASURES: Mapping[str, Callable[[Sequence[UnitEvidence], frozenset[str]], Values]] = {
    "participation": _participation,
    "meetings_held": lambda units, _: _share(lambda unit: unit.meetings > 0, units),
    "actions_chosen": lambda units, _: _share(lambda unit: unit.actions_chosen > 0, units),
    "actions_checked_back": lambda units, _: _share(
        lambda unit: unit.actions_checked_back > 0, units
    ),
    "modules_completed": lambda units, wanted: _share(
        lambda unit: wanted <= unit.modules_completed, units
    ),
    "change_since_baseline": _change,
}
_SOURCES: Mapping[str, str] = {
    "participation": "released results, baseline and follow-up",
    "meetings_held": "meetings recorded as held",
    "actions_chosen": "chosen actions",
    "actions_checked_back": "actions checked back",
    "modules_completed": "completed module assignments",
    "change_since_baseline": "released results, follow-up minus baseline; descriptive",
}
_RELEASED = "Results are released once: more time does not change this."
_RECORDED = "What the units record later counts when the gate is evaluated again."
_LATER: Mapping[str, str] = {
    "participation": _RELEASED,
    "meetings_held": _RECORDED,
    "actions_chosen": _RECORDED,
    "actions_checked_back": _RECORDED,
    "modules_completed": _RECORDED,
    "change_since_baseline": _RELEASED,
}
