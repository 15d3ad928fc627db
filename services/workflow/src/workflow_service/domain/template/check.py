"""Whether a template can work: what the shape of its document cannot say."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from workflow_service.domain.duration import Duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.template import template as t

# Only for comparing durations with each other: months have a length once they have a start.
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)
_YEAR = timedelta(days=366)  # The assessment service refuses to open a longer round.
_LONGEST_AFTER_CARE = 5 * _YEAR

Fault = tuple[str, str]
"""A JSON pointer into the document, and what is wrong there."""


def check(template: t.RolloutTemplate) -> None:
    """Raises DomainError `template-invalid` with one entry per fault."""
    faults = [
        *_windows(template.steps),
        *_long("/steps/preparation/min_duration", template.steps.preparation.min_duration),
        *_long("/steps/modules/min_duration", template.steps.modules.min_duration),
        *_long("/waves/gap", template.waves.gap),
        *_repeated("/steps/modules/module_ids", template.steps.modules.module_ids),
        *_checkpoints(template.steps.after_care),
        *_gate(template.pilot_gate),
    ]
    if faults:
        errors = [{"pointer": pointer, "detail": detail} for pointer, detail in faults]
        detail = "The template cannot work as it is. Nothing was stored."
        raise DomainError("template-invalid", "invalid", detail, errors)


def _windows(steps: t.Steps) -> Iterator[Fault]:
    for name, planned in (("baseline", steps.baseline), ("follow_up", steps.follow_up)):
        if _length(planned.window) > _YEAR:
            yield f"/steps/{name}/window", "A round is open for a year at most."
        elif _length(planned.longest_wait) < _length(planned.window):
            yield f"/steps/{name}/release_within", "Must be as long as the window at least."
        elif _length(planned.longest_wait) > 2 * _YEAR:
            yield f"/steps/{name}/release_within", "Must be two years at most."


def _long(pointer: str, duration: Duration) -> Iterator[Fault]:
    if _length(duration) > _YEAR:
        yield pointer, "Must be a year at most."


def _length(duration: Duration) -> timedelta:
    return duration.after(_ANY_DAY) - _ANY_DAY


def _repeated(pointer: str, values: Iterable[str], suffix: str = "") -> Iterator[Fault]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield f"{pointer}/{index}{suffix}", f"{value} is listed twice. Remove or rename one."
        seen.add(value)


def _checkpoints(after_care: t.AfterCare) -> Iterator[Fault]:
    place = "/steps/after_care/checkpoints"
    lengths = [_length(checkpoint) for checkpoint in after_care.checkpoints]
    for index, length in enumerate(lengths):
        if length > _LONGEST_AFTER_CARE:
            yield f"{place}/{index}", "Must be five years at most."
    for index, (before, length) in enumerate(pairwise(lengths), start=1):
        if length <= before:
            yield f"{place}/{index}", "Must be later than the checkpoint before it."


def _gate(gate: t.Gate) -> Iterator[Fault]:
    place = "/pilot_gate/criteria"
    yield from _repeated(place, (criterion.code for criterion in gate.criteria), "/code")
    if all(criterion.dry_run for criterion in gate.criteria):
        detail = (
            "Every criterion is a dry run, so nothing would decide. Set dry_run to false on one."
        )
        yield place, detail
    for index, criterion in enumerate(gate.criteria):
        for member, detail in _criterion(criterion):
            yield f"{place}/{index}/{member}", detail


def _criterion(criterion: t.Criterion) -> Iterator[Fault]:
    # A share such as 0.7 in place of 70 would pass almost everything: the least is 1 per cent.
    if criterion.measure not in t.IN_POINTS:
        if criterion.pass_at_least < 1:
            yield "pass_at_least", "Must be a number from 1 to 100: per cent."
        if criterion.fail_below < 0:
            yield "fail_below", "Must be a number from 0 to 100: per cent."
    if criterion.fail_below > criterion.pass_at_least:
        yield (
            "fail_below",
            f"Must not be above pass_at_least ({criterion.pass_at_least:g}): a value between the"
            " two would both pass and fail.",
        )
    if criterion.measure in t.DRY_RUN_ONLY and not criterion.dry_run:
        detail = (
            f"{criterion.measure} cannot decide: a few pilots cannot support a claim about effects."
            " Set true."
        )
        yield "dry_run", detail
