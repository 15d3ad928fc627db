"""Which units of a rollout are reported together: what the platform proposes, and what an
administrator decides before their rounds open."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from assessment_service.application.commands import JoinUnits
from assessment_service.application.ports import UnitOfWork
from assessment_service.domain import report_group
from assessment_service.domain.errors import DomainError
from assessment_service.domain.report_group import Proposal, ReportGroup
from assessment_service.domain.round import UnitSnapshot, path


@dataclass(frozen=True, slots=True)
class ReportGroupsView:
    """A rollout's groups, its units as they are today, and a proposal for those of them that have
    not begun."""

    groups: list[ReportGroup]
    units: Mapping[str, UnitSnapshot]
    begun: Collection[str]
    proposal: Proposal


async def view(rollout_id: UUID, uow: UnitOfWork, k: int) -> ReportGroupsView:
    """Raises DomainError `rollout-unknown`."""
    units, begun = await _units(rollout_id, uow), await uow.rounds.begun(rollout_id)
    groups = await uow.report_groups.of_rollout(rollout_id)
    fixed = begun | {u for g in groups if not begun.isdisjoint(g.unit_ids) for u in g.unit_ids}
    free = [unit for unit in units.values() if unit.unit_id not in fixed]
    return ReportGroupsView(groups, units, begun, report_group.propose(free, k))


async def join_units(command: JoinUnits, uow: UnitOfWork, k: int) -> None:
    """Replace the rollout's groups.

    Raises DomainError `rollout-unknown`, `report-groups-changed`, `report-groups-invalid`, or
    `report-group-in-use`.
    """
    rollout_id = command.rollout_id
    # Rounds that open read the pauses, so none opens in the meantime.
    await uow.pauses.lock(rollout_id)
    units = await _units(rollout_id, uow)
    before = await uow.report_groups.of_rollout(rollout_id)
    if command.expected is not None:
        report_group.check_same(before, _of(rollout_id, command.expected))
    after = _of(rollout_id, command.groups)
    report_group.check(command.groups, units, k, [group.unit_ids for group in before])
    report_group.check_not_begun(before, after, await uow.rounds.begun(rollout_id))
    await uow.report_groups.replace(rollout_id, after)
    uow.audit(
        "report_groups.join/join_units",
        f"rollout/{rollout_id}",
        {"groups": [list(group.unit_ids) for group in before]},
        {"groups": [list(group.unit_ids) for group in after]},
    )


def _of(rollout_id: UUID, groups: Iterable[Iterable[str]]) -> list[ReportGroup]:
    return [ReportGroup.of(rollout_id, unit_ids) for unit_ids in groups]


async def _units(rollout_id: UUID, uow: UnitOfWork) -> dict[str, UnitSnapshot]:
    """The rollout's units, as they are today."""
    if not await uow.rollouts.occurs(rollout_id):
        detail = f"There is no rollout {rollout_id}."
        raise DomainError("rollout-unknown", "not_found", detail)
    wanted = {*await uow.rollouts.units(rollout_id), *await uow.rounds.begun(rollout_id)}
    known = await uow.units.around(wanted)
    return {
        unit.unit_id: UnitSnapshot(
            unit.unit_id, unit.name, path(unit.unit_id, known), unit.headcount
        )
        for unit in known
        if unit.unit_id in wanted and unit.dissolved_on is None
    }
