"""Use cases of erasing a person: here at once, in other services by an event. They never commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from people_service.application.delegating import person_behind
from people_service.application.erasure_ports import ErasureUnitOfWork
from people_service.application.management import announce_managers
from people_service.domain.erasure import (
    HERE,
    Confirmation,
    Erasure,
    PersonErased,
    identifies,
)
from people_service.domain.errors import DomainError


@dataclass(frozen=True, slots=True)
class ErasePerson:
    """`by` is the account of the administrator."""

    person_id: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmErasure:
    """`client` is who confirms, as its token says; `rows` are counts by table."""

    erasure_id: UUID
    service: str
    client: str
    rows: Mapping[str, int]


async def erase_person(command: ErasePerson, uow: ErasureUnitOfWork) -> Erasure:
    """Remove what names the person, also somebody who was deleted before. It may be repeated.

    Nobody erases themselves, and only somebody known erases: whoever comes back is another account.
    Raises DomainError `caller-unknown`, `unknown-person`, `own-person` or `reason-names-person`.
    """
    caller = await person_behind(command.by, uow)
    naming = await uow.erasures.locked_naming(command.person_id)
    if naming is None:
        detail = f"Nothing names {command.person_id}: there is no such person, and there was none."
        raise DomainError("unknown-person", "not_found", detail)
    if naming.person_id == caller.person_id:
        detail = "This is you: another administrator has to erase you."
        raise DomainError("own-person", "forbidden", detail)
    if uow.erasures.mentioned(command.reason, naming):
        detail = "The reason is kept: write it without the person's id, name or address."
        errors = [{"pointer": "/reason", "detail": detail}]
        raise DomainError("reason-names-person", "invalid", detail, errors)
    removed = dict(await uow.erasures.remove_person(naming))
    await announce_managers(uow)
    removed |= await uow.erasures.remove_mentions(naming)
    lines = await uow.erasures.erase_audit_lines(naming)
    removed["audit_lines"] = len(lines)
    now = await uow.now()
    words = frozenset(filter(identifies, naming.words))
    here = Confirmation(HERE, removed, now)
    erasure = Erasure(uuid4(), naming.person_id, words, now, (here,))
    await uow.erasures.save(erasure)
    uow.record(PersonErased(erasure.erasure_id))
    subject = f"erasure/{erasure.erasure_id}"
    after = {"erased": list(lines)}  # Without it, `audit verify` reports each of them.
    uow.audit("persons.change/erase_person", subject, after=after, reason=command.reason)
    return erasure


async def find_erasure(erasure_id: UUID, uow: ErasureUnitOfWork) -> Erasure:
    """Raises DomainError `unknown-erasure`."""
    found = await uow.erasures.locked(erasure_id)
    if found is None:
        raise DomainError("unknown-erasure", "not_found", f"There is no erasure {erasure_id}.")
    return found


async def confirm_erasure(command: ConfirmErasure, uow: ErasureUnitOfWork) -> Erasure:
    """Note that a service has removed what it had. It may be repeated.

    Raises DomainError `unknown-erasure`, `unknown-service` or `other-service`.
    """
    before = await find_erasure(command.erasure_id, uow)
    after = before.confirmed(command.service, command.rows, await uow.now())
    if command.client != f"{command.service}-service":
        detail = f"You are {command.client or 'no client'}: only {command.service}-service confirms"
        raise DomainError("other-service", "forbidden", f"{detail} for {command.service}.")
    if after != before:
        await uow.erasures.save(after)
        noted = {"service": command.service, "rows": dict(command.rows)}
        uow.audit("erasures.confirm/confirm", f"erasure/{command.erasure_id}", after=noted)
    return after
