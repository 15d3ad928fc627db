"""Use cases of what an administrator enters by hand. They never commit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from people_service.application import scope as reach
from people_service.application.assignment_texts import described
from people_service.application.code_ports import CodesUnitOfWork, Scope
from people_service.application.delegating import person_behind
from people_service.application.membership_changes import announce
from people_service.application.ports import UnitOfWork
from people_service.domain.by_hand import check_unit, checked, with_ended, with_given
from people_service.domain.calendar import civil_date
from people_service.domain.errors import DomainError
from people_service.domain.person import Assignment, Person
from people_service.domain.roles import RoleName


@dataclass(frozen=True, slots=True)
class AddPerson:
    """`person` has no assignments; phone number and HSA id as somebody writes them."""

    person: Person
    reason: str


@dataclass(frozen=True, slots=True)
class ChangePerson:
    """`facts` are fields of the person with their new values; the empty text for none."""

    person_id: str
    facts: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class GiveAssignment:
    """`unit_id` is empty for the whole region. Without `valid_from` it begins today."""

    person_id: str
    role: RoleName
    unit_id: str
    valid_from: date | None
    valid_to: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class EndAssignment:
    """Without `last_day` it ends at once: yesterday was the last day."""

    person_id: str
    role: RoleName
    unit_id: str
    last_day: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: their account, and the units in which they may."""

    account: str
    scope: Scope


async def add_person(command: AddPerson, uow: UnitOfWork) -> Person:
    """Raises DomainError `person-invalid`, `person-known` or `hsa-id-taken`."""
    added = checked(command.person)
    if await uow.persons.one_locked(added.person_id) is not None:
        detail = f"There is a person {added.person_id} already. Change them instead."
        raise DomainError("person-known", "conflict", detail)
    await _refuse_taken_hsa_id(added, uow)
    await uow.persons.save([added], "hand")
    uow.audit(
        "persons.change/add_person",
        _subject(added),
        after={"assignments": []},
        reason=command.reason,
    )
    return added


async def change_person(command: ChangePerson, uow: UnitOfWork) -> Person:
    """Change facts about a person. A source that gives others later changes them again.

    Raises DomainError `unknown-person`, `person-invalid` or `hsa-id-taken`.
    """
    before = await _known(command.person_id, uow)
    after = checked(replace(before, **command.facts))
    if changed := before.changed_fields(after):
        await _refuse_taken_hsa_id(after, uow)
        await uow.persons.save([after], "hand")
        uow.audit(
            "persons.change/change_person",
            _subject(after),
            after={"changed": changed},
            reason=command.reason,
        )
    return after


async def give_assignment(
    command: GiveAssignment, caller: Caller, uow: CodesUnitOfWork
) -> Assignment:
    """Give somebody a role, and announce what follows.

    Raises DomainError `outside-scope`, `unknown-person`, `caller-unknown`, `own-region-role`,
    `own-role`, `assignment-invalid`, `assignment-held`, `unit-unknown` or `unit-dissolved`.
    """
    await reach.check(caller.scope, command.unit_id, uow.unit_tree)
    before = await _known(command.person_id, uow)
    await _check_region_role(command.unit_id, before, caller, uow)
    if await uow.accounts.person_of(caller.account) == before.person_id:
        detail = "Nobody gives themselves a role. Another administrator has to."
        raise DomainError("own-role", "forbidden", detail)
    today = civil_date(await uow.now())
    days = (command.valid_from or today, command.valid_to)
    given = Assignment(command.role, command.unit_id, *days, source="hand")
    after = with_given(before, given, today)
    dissolved = await uow.units.dissolved()
    known = given.unit_id in await uow.units.known()
    check_unit(given, known, dissolved.get(given.unit_id))
    await _store("persons.assign/give_assignment", before, after, command.reason, uow)
    return given


async def end_assignment(
    command: EndAssignment, caller: Caller, uow: CodesUnitOfWork
) -> list[Assignment]:
    """End what somebody holds by hand, and announce what follows; what is left of it, in order.

    Raises DomainError `outside-scope`, `unknown-person`, `caller-unknown`, `own-region-role`,
    `assignment-invalid`, `assignment-not-by-hand` or `assignment-unknown`.
    """
    await reach.check(caller.scope, command.unit_id, uow.unit_tree)
    before = await _known(command.person_id, uow)
    await _check_region_role(command.unit_id, before, caller, uow)
    today = civil_date(await uow.now())
    after = with_ended(before, command.role, command.unit_id, command.last_day, today)
    await _store("persons.assign/end_assignment", before, after, command.reason, uow)
    what = (command.role, command.unit_id, "hand")
    return sorted(o for o in after.assignments if (o.role, o.unit_id, o.source) == what)


async def _known(person_id: str, uow: UnitOfWork) -> Person:
    person = await uow.persons.one_locked(person_id)
    if person is None:
        raise DomainError("unknown-person", "not_found", f"There is no person {person_id}.")
    return person


async def _refuse_taken_hsa_id(person: Person, uow: UnitOfWork) -> None:
    found = await uow.persons.with_hsa_id(person.hsa_id) if person.hsa_id else None
    if found is not None and found.person_id != person.person_id:
        detail = f"{found.person_id} has this HSA id."
        errors = [{"pointer": "/hsa_id", "detail": detail}]
        raise DomainError("hsa-id-taken", "conflict", detail, errors)


async def _check_region_role(unit_id: str, person: Person, caller: Caller, uow: UnitOfWork) -> None:
    """A role for the whole region is given and ended by somebody who is known to be another."""
    if unit_id:
        return
    if (await person_behind(caller.account, uow)).person_id == person.person_id:
        detail = (
            "Nobody gives themselves a role for the whole region, or ends one of their own. Another"
            " administrator has to. Nothing was changed."
        )
        raise DomainError("own-region-role", "forbidden", detail)


async def _store(action: str, before: Person, after: Person, reason: str, uow: UnitOfWork) -> None:
    """Save and note what differs, and announce what follows."""
    await uow.persons.save([after], "hand")
    old, new = before.assignments, after.assignments
    uow.audit(
        action,
        _subject(after),
        before={"assignments": described(old - new)},
        after={"assignments": described(new - old)},
        reason=reason,
    )
    await announce([(before, after)], uow)


def _subject(person: Person) -> str:
    return f"person/{person.person_id}"
