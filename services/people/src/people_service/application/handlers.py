"""Use cases about persons and the units that they belong to. They never commit."""

import asyncio
from dataclasses import dataclass

from people_service.application.commands import (
    FindAudience,
    ForgetPerson,
    ImportPersons,
    RememberManager,
    RememberUnit,
)
from people_service.application.ports import UnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.errors import DomainError
from people_service.domain.open_problems import OpenProblem, open_problems
from people_service.domain.person import ImportPlan, plan_import
from people_service.domain.person_file import persons_of


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do. Unknown units are only a warning: they may follow later.

    `problems` are those that there are after it, in the file or not.
    """

    plan: ImportPlan
    unknown_units: tuple[str, ...]
    problems: tuple[OpenProblem, ...]


async def import_persons(command: ImportPersons, uow: UnitOfWork) -> ImportResult:
    """Add and change persons as in the file; in a dry run, only return what would change.

    Raises DomainError `import-invalid`.
    """
    wanted = await asyncio.to_thread(persons_of, command.rows, command.faults, command.headings)
    known = await uow.persons.all_locked()
    plan = plan_import(known, wanted)
    if not command.dry_run:
        await uow.persons.save([*plan.added, *(person for person, _ in plan.changed)])
    units = {unit_id for person in wanted for unit_id in person.units}
    known_units = await uow.units.known()
    after = {**known, **{person.person_id: person for person in wanted}}
    problems = open_problems(
        {person_id: one.units for person_id, one in after.items()},
        await uow.units.managers(),
        known_units,
    )
    return ImportResult(plan, tuple(sorted(units - known_units)), tuple(problems))


async def forget_person(command: ForgetPerson, uow: UnitOfWork) -> None:
    """Delete a person with all assignments. Mails not yet sent to them will fail.

    Raises DomainError `unknown-person`.
    """
    if not await uow.persons.remove(command.person_id):
        detail = f"There is no person {command.person_id}."
        raise DomainError("unknown-person", "not_found", detail)


async def find_audience(query: FindAudience, uow: UnitOfWork) -> list[str]:
    """Ids of the persons, in order, by their assignments of today.

    Raises DomainError `unit-missing`.
    """
    today = civil_date(await uow.now())
    match query:
        case FindAudience("managers"):
            return await uow.persons.managers(today)
        case FindAudience("administrators"):
            return await uow.persons.administrators(today)
        case FindAudience("unit", str(unit_id)):
            return await uow.persons.of_unit(unit_id, today)
        case FindAudience("unit_managers", str(unit_id)):
            return await uow.persons.managers_of(unit_id, today)
    detail = f"Name the unit: the audience {query.audience} is one unit's."
    raise DomainError("unit-missing", "invalid", detail)


async def remember_unit(command: RememberUnit, uow: UnitOfWork) -> None:
    """Keep that there is the unit, so that an import can report those that there are not."""
    await uow.units.remember(command.unit_id, command.version)


async def remember_manager(command: RememberManager, uow: UnitOfWork) -> None:
    """Keep the manager whom the workflow service names for a unit."""
    await uow.units.assign_manager(command.unit_id, command.manager_id, command.version)
