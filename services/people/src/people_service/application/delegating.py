"""Use cases of standing in for somebody. They never commit."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from people_service.application.ports import UnitOfWork
from people_service.domain.calendar import civil_date
from people_service.domain.delegation import (
    REMIND_BEFORE,
    DelegatedRole,
    Delegation,
    DelegationEndApproached,
    check,
)
from people_service.domain.errors import DomainError
from people_service.domain.person import Person
from people_service.domain.roles import EVERY_UNIT


@dataclass(frozen=True, slots=True)
class Delegate:
    """`delegate` is a person's id or mail address. Without `valid_from` it begins today."""

    role: DelegatedRole
    unit_id: str
    delegate: str
    valid_from: date | None
    valid_to: date
    reason: str


@dataclass(frozen=True, slots=True)
class EndDelegation:
    """`everybodys`: whether the caller may end those of others."""

    delegation_id: UUID
    by_account: str
    everybodys: bool
    reason: str


async def delegate(command: Delegate, by_account: str, uow: UnitOfWork) -> Delegation:
    """Let somebody stand in for the caller.

    Raises DomainError `caller-unknown`, `delegate-unknown`, `delegation-invalid`, `role-not-held`.
    """
    principal = await person_behind(by_account, uow)
    return await _delegate(command, principal, uow, on_paper=False)


async def record_on_paper(
    command: Delegate, principal_id: str, by_account: str, uow: UnitOfWork
) -> Delegation:
    """Let somebody stand in for a person who has said so on paper.

    Only a known person may record it: of an account of nobody known, nobody can see whether it is
    the delegate's own. Raises DomainError `unknown-person`, `own-delegation`, or as `delegate`
    does.
    """
    recorder = await person_behind(by_account, uow)
    principal = (await uow.persons.of_ids([principal_id])).get(principal_id)
    if principal is None:
        detail = f"There is no person {principal_id}."
        raise DomainError("unknown-person", "not_found", detail)
    delegate_id = (await _found(command.delegate, uow)).person_id
    if delegate_id == recorder.person_id:
        detail = "You cannot record that you stand in for somebody: another administrator has to."
        raise DomainError("own-delegation", "forbidden", detail)
    return await _delegate(command, principal, uow, on_paper=True)


async def end(command: EndDelegation, uow: UnitOfWork) -> Delegation:
    """End a delegation at once. Who gave or has it may, and who may end everybody's.

    Raises DomainError `delegation-unknown` or `delegation-over`.
    """
    found = await uow.delegations.get(command.delegation_id)
    if found is not None and not command.everybodys:
        caller = await uow.accounts.person_of(command.by_account)
        found = found if caller and found.concerns(caller) else None
    if found is None:
        detail = f"There is no delegation {command.delegation_id}, or it is not yours."
        raise DomainError("delegation-unknown", "not_found", detail)
    ended = found.ended(civil_date(await uow.now()))
    await uow.delegations.save(ended)
    _note("delegations.end/end_delegation", ended, command.reason, uow)
    return ended


async def announce_ends(uow: UnitOfWork) -> None:
    """Record an event for each delegation that ends soon; once, however often it is called."""
    today = civil_date(await uow.now())
    for one in await uow.delegations.to_remind_of(today, today + REMIND_BEFORE):
        uow.record(DelegationEndApproached(one.delegation_id, one.valid_to))


async def concerned_by(delegation_id: UUID, uow: UnitOfWork) -> list[str]:
    """Ids of both persons of a delegation, in order; nobody's if it was ended or is unknown."""
    found = await uow.delegations.get(delegation_id)
    if found is None or found.ended_on is not None:
        return []
    return sorted([found.principal_id, found.delegate_id])


async def person_behind(account: str, uow: UnitOfWork) -> Person:
    """The person whose account it is. Raises DomainError `caller-unknown`."""
    person_id = await uow.accounts.person_of(account)
    person = (await uow.persons.of_ids([person_id])).get(person_id) if person_id else None
    if person is None:
        detail = (
            "Your account belongs to nobody who is registered here. An administrator has to import"
            " you first."
        )
        raise DomainError("caller-unknown", "conflict", detail)
    return person


async def _delegate(
    command: Delegate, principal: Person, uow: UnitOfWork, *, on_paper: bool
) -> Delegation:
    today = civil_date(await uow.now())
    delegation = Delegation(
        delegation_id=uuid4(),
        role=command.role,
        unit_id=command.unit_id,
        principal_id=principal.person_id,
        delegate_id=(await _found(command.delegate, uow)).person_id,
        standing_for=await uow.accounts.of_person(principal.person_id),
        valid_from=command.valid_from or today,
        valid_to=command.valid_to,
        on_paper=on_paper,
    )
    check(delegation, principal, today)
    await uow.delegations.save(delegation)
    action = "delegations.record/record_on_paper" if on_paper else "delegations.make/delegate"
    _note(action, delegation, command.reason, uow)
    return delegation


async def _found(delegate: str, uow: UnitOfWork) -> Person:
    known = await uow.persons.of_ids([delegate])
    found = list(known.values()) or await uow.persons.with_address(delegate)
    if len(found) != 1:
        why = "Nobody" if not found else "More than one person"
        detail = f"{why} is registered with this id or mail address."
        errors = [{"pointer": "/delegate", "detail": detail}]
        raise DomainError("delegate-unknown", "invalid", detail, errors)
    return found[0]


def _note(action: str, delegation: Delegation, reason: str, uow: UnitOfWork) -> None:
    uow.audit(
        action,
        f"delegation/{delegation.delegation_id}",
        after={
            "role": delegation.role,
            "unit": delegation.unit_id,
            "principal": delegation.principal_id,
            "delegate": delegation.delegate_id,
            "valid_from": delegation.valid_from,
            "valid_to": delegation.valid_to,
            "on_paper": delegation.on_paper,
            "ended_on": delegation.ended_on,
        },
        reason=reason,
        unit_id=delegation.unit_id or EVERY_UNIT,
    )
