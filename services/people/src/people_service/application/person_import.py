"""The import of persons from a file, and what follows when people join a unit. Never commits."""

import asyncio
import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from people_service.application.assignment_texts import described
from people_service.application.commands import ImportPersons
from people_service.application.import_progress import Progress, Unnoted
from people_service.application.membership_changes import announce
from people_service.application.ports import UnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.dissolution import followed
from people_service.domain.errors import DomainError
from people_service.domain.hsa_id import shared_hsa_ids
from people_service.domain.membership import MembersJoined
from people_service.domain.open_problems import OpenProblem, open_problems, unreachable
from people_service.domain.person import Person
from people_service.domain.person_file import persons_of
from people_service.domain.person_import import (
    ImportPlan,
    RegionRoleChange,
    in_order,
    listed_region_roles,
    plan_import,
    region_role_changes,
)
from people_service.domain.roles import RoleName

_LISTED = 200
_STORED_AT_ONCE = 1_000
_UNNOTED = Unnoted()


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do. Unknown units are only a warning: they may follow later.

    `confirm` is what the import asks for if it ends or moves many, `problems` are those that there
    are after it, in the file or not.
    """

    plan: ImportPlan
    region_roles: tuple[RegionRoleChange, ...]
    confirm: str | None
    unknown_units: tuple[str, ...]
    problems: tuple[OpenProblem, ...]


async def import_persons(
    command: ImportPersons, uow: UnitOfWork, progress: Progress = _UNNOTED
) -> ImportResult:
    """Bring persons in line with the file; in a dry run, only return what would change.

    Raises DomainError `import-invalid`, `own-region-role`, `hsa-id-taken`, `import-ends-many` or
    `import-moves-many`.
    """
    await progress.note("comparing")
    wanted = await asyncio.to_thread(persons_of, command.rows, command.faults, command.headings)
    today = civil_date(await uow.now())
    known = await uow.persons.all_locked()
    dissolved = await uow.units.dissolved()
    wanted = [followed(person, dissolved) for person in wanted]
    plan = await asyncio.to_thread(plan_import, known, wanted, today, command.complete)
    after = known | {person.person_id: person for person in plan.saved}
    _refuse_shared_hsa_ids(after.values())
    region_roles = region_role_changes(plan, today)
    own = await uow.accounts.person_of(str(command.account_id)) if command.account_id else None
    _refuse_own(region_roles, own)
    confirmed = await _confirmed(listed_region_roles(wanted, today), own, uow)
    region_roles = in_order([*region_roles, *confirmed])
    many = plan.ends_many or plan.moves_many
    confirm = _confirmation(command, plan) if many else None
    if command.dry_run:
        _note(plan, uow, dry_run=True)
    else:
        _require_confirmation(confirm, command, plan)
        await _store(plan.saved, uow, progress)
        await _note_gifts(command, region_roles, own, uow)
        _note(plan, uow)
        _note_each(plan, uow)
        await announce(((one.before, one.after) for one in plan.changes), uow)
    units = {unit_id for person in wanted for unit_id in person.units_from(today)}
    known_units = await uow.units.known()
    problems = open_problems(
        {person_id: one.units_from(today) for person_id, one in after.items()},
        known_units,
    )
    problems += unreachable(after.values(), today)
    return ImportResult(
        plan, tuple(region_roles), confirm, tuple(sorted(units - known_units)), tuple(problems)
    )


async def announce_joiners(uow: UnitOfWork) -> None:
    """Announce the units to which somebody belongs since today, by an assignment known before."""
    for unit_id in sorted(await uow.joiners.begun(civil_date(await uow.now()))):
        uow.record(MembersJoined(unit_id))


async def _store(persons: Sequence[Person], uow: UnitOfWork, progress: Progress) -> None:
    for first in range(0, len(persons), _STORED_AT_ONCE):
        await progress.note("storing", first, len(persons))
        await uow.persons.save(persons[first : first + _STORED_AT_ONCE], "import")
    await progress.note("storing", len(persons), len(persons))


def _refuse_own(region_roles: Sequence[RegionRoleChange], own: str | None) -> None:
    for one in region_roles:
        if one.person_id == own:
            does = {"given": "gives you", "changed": "changes the days of", "ended": "ends"}
            detail = (
                f"The file {does[one.kind]} your own role {one.role} for the whole region. Another"
                " administrator has to import it. Nothing was changed."
            )
            raise DomainError("own-region-role", "forbidden", detail)


async def _confirmed(
    listed: Collection[tuple[str, RoleName]], own: str | None, uow: UnitOfWork
) -> list[RegionRoleChange]:
    """The gifts that the file has too, if somebody known imports it, without those to them."""
    if own is None:
        return []
    gifts = (await uow.role_gifts.unconfirmed()).intersection(listed)
    return [RegionRoleChange("confirmed", role, who) for who, role in gifts if who != own]


async def _note_gifts(
    command: ImportPersons,
    region_roles: Sequence[RegionRoleChange],
    own: str | None,
    uow: UnitOfWork,
) -> None:
    """Who is not known as a person may be the receiver, or become them: what they give does not
    count until somebody known gives it too."""
    if command.account_id is None:
        return
    confirmed = [one for one in region_roles if one.kind == "confirmed"]
    for one in confirmed:
        uow.audit(
            "persons.change/import_persons",
            f"person/{one.person_id}",
            after={"confirmed": f"{one.role} of the region"},
        )
    await uow.role_gifts.confirm(_whose(confirmed))
    if own is None:
        given = [one for one in region_roles if one.kind in ("given", "changed")]
        await uow.role_gifts.record(_whose(given), command.account_id)


def _whose(changes: Iterable[RegionRoleChange]) -> list[tuple[str, RoleName]]:
    return [(one.person_id, one.role) for one in changes]


def _note(plan: ImportPlan, uow: UnitOfWork, *, dry_run: bool = False) -> None:
    """The import. A dry run is noted too: it shows what persons hold."""
    numbers: dict[str, int] = {str(kind): number for kind, number in plan.numbers.items()}
    after = {"dry_run": True, **numbers} if dry_run else numbers
    uow.audit("persons.change/import_persons", "persons", after=after)


def _note_each(plan: ImportPlan, uow: UnitOfWork) -> None:
    """Every person whom it changes: what they hold, and which facts differ."""
    for change in plan.changes:
        before, after = change.before, change.after
        fields = before.changed_fields(after) if before else []
        uow.audit(
            "persons.change/import_persons",
            f"person/{after.person_id}",
            before={"assignments": described(before.assignments)} if before else None,
            after={"assignments": described(after.assignments), "changed": fields},
        )


def _refuse_shared_hsa_ids(persons: Iterable[Person]) -> None:
    if shared := shared_hsa_ids(persons):
        errors = [
            {"pointer": "/rows", "detail": f"The same HSA id: {', '.join(same)}."}
            for same in shared[:_LISTED]
        ]
        detail = "A HSA id is one person's, and the file gives it to more. Nothing was changed."
        raise DomainError("hsa-id-taken", "conflict", detail, errors)


def _confirmation(command: ImportPersons, plan: ImportPlan) -> str:
    """A word for exactly this file and those whom it ends or moves of those who are there now."""
    what = [command.complete, command.rows, plan.ended, plan.moved, plan.holding]
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:16]


def _require_confirmation(confirm: str | None, command: ImportPersons, plan: ImportPlan) -> None:
    if confirm is None or command.confirm == confirm:
        return
    why = "" if command.confirm is None else " The value of `confirm` is of another file or state."
    code, does = "import-moves-many", f"moves {len(plan.moved)} of {plan.holding} persons"
    if plan.ends_many:
        code = "import-ends-many"
        does = (
            f"ends everything that {len(plan.ended)} of {plan.holding} persons hold today by"
            " earlier files, within 30 days"
        )
    detail = (
        f"The file {does}; that is more than 10 %.{why} If that is right, send a dry run of this"
        " file, and repeat its `confirm` here. Nothing was changed."
    )
    raise DomainError(code, "conflict", detail)
