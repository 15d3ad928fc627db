"""Issues one-time codes for a round, and deletes them when it closes.

Which code a person gets is drawn here and never stored: it is known to the printed letter only.
"""

import secrets
from dataclasses import dataclass
from uuid import UUID, uuid4

from people_service.application.code_ports import Code, CodesUnitOfWork, Round, Scope, UnitPlace
from people_service.application.scope import covers
from people_service.domain.calendar import civil_date
from people_service.domain.errors import DomainError
from people_service.domain.person import Person
from people_service.domain.sign_in_code import (
    ALPHABET,
    LENGTH,
    Form,
    check_number,
    digest,
    holds,
    how_many,
)


@dataclass(frozen=True, slots=True)
class IssueCodes:
    """`count` is for slips only."""

    round_id: UUID
    form: Form
    count: int | None


@dataclass(frozen=True, slots=True)
class IssuedCodes:
    """Shown once. `addressees` are those of the letters, one for each code; none for slips."""

    round: Round
    unit_name: str
    codes: tuple[str, ...]
    addressees: tuple[Person, ...]


async def issue_codes(command: IssueCodes, scope: Scope, uow: CodesUnitOfWork) -> IssuedCodes:
    """New codes for a round, each time others.

    Raises DomainError `round-unknown`, also for a round outside the scope, `round-closed`,
    `count-missing`, `count-given`, `nobody-to-write-to` or `codes-exhausted`.
    """
    round_ = await _open_round(command.round_id, scope, uow)
    employees = await uow.employees.of_unit(round_.unit_id, civil_date(await uow.now()))
    addressees = [one for one in employees if not one.email]
    number = how_many(command.form, command.count, len(addressees))
    check_number(command.form, number, await uow.codes.count(round_.round_id), len(addressees))
    codes = tuple(_draw() for _ in range(number))
    await uow.codes.add([Code(digest(one), round_.round_id, uuid4()) for one in codes])
    uow.audit(
        "codes.issue/issue_sign_in_codes",
        f"round/{round_.round_id}",
        after={"unit_id": round_.unit_id, "form": command.form, "count": number},
    )
    return IssuedCodes(
        round_,
        await uow.unit_tree.name(round_.unit_id),
        codes,
        tuple(sorted(addressees, key=lambda one: one.name)) if command.form == "letters" else (),
    )


async def _open_round(round_id: UUID, scope: Scope, uow: CodesUnitOfWork) -> Round:
    round_ = await uow.rounds.locked(round_id)
    if round_ is None or not await covers(scope, round_.unit_id, uow.unit_tree):
        raise DomainError("round-unknown", "not_found", f"There is no round {round_id}.")
    if not holds(round_.is_open, round_.closes_at, await uow.now()):
        raise DomainError("round-closed", "conflict", f"Round {round_id} has closed.")
    return round_


def _draw() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


async def remember_round(round_: Round, uow: CodesUnitOfWork) -> None:
    """Keep what was reported of a round; when it has closed, its codes are deleted."""
    await uow.rounds.remember(round_)
    if not round_.is_open:
        await uow.codes.forget(round_.round_id)


async def place_unit(unit: UnitPlace, uow: CodesUnitOfWork) -> None:
    """Keep where a unit stands, so that it is known whose tree it is in."""
    await uow.unit_tree.place(unit)
