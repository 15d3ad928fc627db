"""Use cases about identities: what an administrator looks at and decides. They never commit."""

from dataclasses import dataclass
from uuid import UUID

from people_service.application.delegating import person_behind
from people_service.application.ports import BindingRefused, UnitOfWork
from people_service.domain.errors import DomainError
from people_service.domain.identities import KnownIdentity, Released


@dataclass(frozen=True, slots=True)
class ReleaseIdentity:
    """`by` is the account of the administrator."""

    person_id: str
    identity_id: UUID
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class JoinIdentity:
    """`by` is the account of the administrator."""

    person_id: str
    identity_id: UUID
    by: str
    reason: str


async def identities_of(
    person_id: str, uow: UnitOfWork
) -> tuple[list[KnownIdentity], list[Released]]:
    """A person's identities, and those that were taken from them.

    Raises DomainError `unknown-person`.
    """
    if not await uow.persons.of_ids([person_id]):
        raise DomainError("unknown-person", "not_found", f"There is no person {person_id}.")
    return await uow.identities.of_person(person_id)


async def release_identity(command: ReleaseIdentity, uow: UnitOfWork) -> None:
    """Take an identity from a person for good. The account stays the person's.

    Nobody takes their own: by it they could become whom the provider's token names next. Raises
    DomainError `caller-unknown`, `own-identity` or `unknown-identity`.
    """
    if (await person_behind(command.by, uow)).person_id == command.person_id:
        detail = "This is your own identity: another administrator has to release it."
        raise DomainError("own-identity", "forbidden", detail)
    released = await uow.identities.release(
        command.identity_id, command.person_id, command.by, command.reason
    )
    if not released:
        detail = f"The person {command.person_id} has no such identity."
        raise DomainError("unknown-identity", "not_found", detail)
    uow.audit(
        "persons.change/release",
        f"person/{command.person_id}",
        before={"identity": str(command.identity_id)},
        reason=command.reason,
    )


async def join_identity(command: JoinIdentity, uow: UnitOfWork) -> None:
    """Take an identity for a person's although both have acted by accounts of their own, or it was
    released from another person.

    From then on nobody can see that what was done by either was done by one: so it needs another
    known person than them, than from whom it was released, and than who released it. Raises
    DomainError `caller-unknown`, `own-identity`, `own-release`, `unknown-person` or
    `unknown-identity`.
    """
    caller = (await person_behind(command.by, uow)).person_id
    taken = await uow.identities.taken(command.identity_id)
    if caller in {command.person_id, *(person_id for person_id, _ in taken)}:
        detail = "This is or was your own identity: another administrator has to join it."
        raise DomainError("own-identity", "forbidden", detail)
    for _, by in taken:
        if caller == await uow.accounts.person_of(by):
            detail = "You have released this identity: another administrator has to join it."
            raise DomainError("own-release", "forbidden", detail)
    await identities_of(command.person_id, uow)
    account = await uow.accounts.of_person(command.person_id)
    before = await uow.identities.join(command.identity_id, command.person_id, account)
    if before is None:
        detail = f"No such identity waits to be joined to {command.person_id}."
        raise DomainError("unknown-identity", "not_found", detail)
    uow.audit(
        "persons.change/join",
        f"person/{command.person_id}",
        before={"identity": str(command.identity_id), "account": str(before)},
        after={"account": str(account)},
        reason=command.reason,
    )


async def remember_refusal(refused: BindingRefused, uow: UnitOfWork) -> None:
    """Keep for an administrator that somebody could not sign in."""
    await uow.identities.refuse(refused.issuer, refused.subject, refused.why, refused.named)
