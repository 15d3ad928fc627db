"""Use cases about persons and the units that they belong to. They never commit."""

from uuid import UUID

from people_service.application.commands import (
    FindAudience,
    ForgetPerson,
    RememberUnit,
)
from people_service.application.delegating import concerned_by
from people_service.application.management import announce_managers
from people_service.application.membership_changes import announce
from people_service.application.ports import UnitOfWork
from people_service.application.provisioning import remove_references
from people_service.application.scim_ports import ScimUnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.dissolution import STORED_SOURCES, Dissolution, followed
from people_service.domain.errors import DomainError
from people_service.domain.person import Person


async def find_person(person_id: str, uow: UnitOfWork) -> Person:
    """Raises DomainError `unknown-person`."""
    person = (await uow.persons.of_ids([person_id])).get(person_id)
    if person is None:
        raise DomainError("unknown-person", "not_found", f"There is no person {person_id}.")
    return person


async def forget_person(command: ForgetPerson, uow: ScimUnitOfWork) -> None:
    """Delete a person with all assignments and their SCIM user. Mails not yet sent to them fail.

    Their identities stay, as nobody's, with the account: whoever comes back and has acted before is
    the same for four eyes. An erasure removes them too. Nobody deletes themselves: their token
    would act for nobody known. Raises DomainError `own-person` or `unknown-person`.
    """
    await uow.scim.lock()
    if await uow.accounts.person_of(command.by) == command.person_id:
        detail = "This is you: another administrator has to delete you."
        raise DomainError("own-person", "forbidden", detail)
    if user := await uow.scim.user_of(command.person_id):
        await remove_references(user.resource_id, uow)
    if not await uow.persons.remove(command.person_id):
        detail = f"There is no person {command.person_id}."
        raise DomainError("unknown-person", "not_found", detail)
    uow.audit("persons.change/forget_person", f"person/{command.person_id}")
    await announce_managers(uow)


async def find_audience(query: FindAudience, uow: UnitOfWork) -> list[str]:
    """Ids of the persons, in order, by their assignments of today.

    Raises DomainError `unit-missing` or `delegation-missing`.
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
        case FindAudience("new_managers", str(unit_id)):
            newcomers = await uow.managements.newcomers(unit_id)
            return sorted(newcomers.intersection(await uow.persons.managers_of(unit_id, today)))
        case FindAudience("delegation", _, UUID() as delegation_id):
            return await concerned_by(delegation_id, uow)
        case FindAudience("delegation"):
            detail = "Name the delegation: the audience delegation is one delegation's."
            raise DomainError("delegation-missing", "invalid", detail)
    detail = f"Name the unit: the audience {query.audience} is one unit's."
    raise DomainError("unit-missing", "invalid", detail)


async def remember_unit(command: RememberUnit, uow: UnitOfWork) -> None:
    """Keep that there is the unit, so that an import can report those that there are not.

    If it has ended, so do its people's assignments; those of a merged unit go on in its successor.
    """
    newer = await uow.units.remember(command.unit_id, command.version)
    if not newer or command.dissolved_on is None:
        return
    end = Dissolution(command.unit_id, command.dissolved_on, command.successor_id)
    await uow.units.dissolve(end)
    dissolved = await uow.units.dissolved()
    people = await uow.persons.assigned_locked(command.unit_id)
    changed = [(person, followed(person, dissolved)) for person in people]
    for source in STORED_SOURCES:
        differing = [
            after for before, after in changed if before.as_from(source) != after.as_from(source)
        ]
        await uow.persons.save(differing, source)
    await announce(changed, uow)
