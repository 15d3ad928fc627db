"""An identity provider's token in, a token of the platform out (RFC 8693).

The platform's token holds each role together with its unit. Nothing else decides who may do what,
so everything that providers do differently ends here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from people_service.application.ports import (
    Account,
    TokenRefused,
    TokenSigner,
    UnitOfWork,
)
from people_service.domain.calendar import civil_date
from people_service.domain.identity_provider import Held, Identity, Line
from people_service.domain.person import Person


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What every token of the platform says."""

    issuer: str
    audience: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Grant:
    """Who somebody is for the platform, and what they may be. `lines` say how that was found.

    `subject` is opaque: nobody with a staff list finds a person by it.
    """

    subject: str
    client_id: str | None
    held: frozenset[Held]
    lines: tuple[Line, ...]


async def exchange(
    identity: Identity, uow: UnitOfWork, signer: TokenSigner, rules: TokenRules
) -> str:
    """A token of the platform for the holder of a provider's. Raises TokenRefused."""
    grant = await grant_of(identity, uow)
    if not grant.held:
        raise TokenRefused(_nothing_held(grant))
    return signer.sign(_claims(grant, await uow.now(), rules))


async def grant_of(identity: Identity, uow: UnitOfWork) -> Grant:
    """What it gives today, by what the provider vouches for and by what is known here.

    Raises TokenRefused.
    """
    account, person, found = await _whose(identity, uow)
    today = civil_date(await uow.now())
    held, lines = _held(person, today) if person else (set(), ())
    return Grant(
        subject=str(account.account_id),
        client_id=identity.client_id,
        held=identity.roles | held,
        lines=(*identity.lines, found, *lines),
    )


async def _whose(identity: Identity, uow: UnitOfWork) -> tuple[Account, Person | None, Line]:
    """The account and the person of an identity, which is theirs alone from the first time on.

    Raises TokenRefused if the token names one person and the identity belongs to another, or if the
    person has another identity at this provider: an address or an id that has been given to
    somebody else must not open what was its first owner's.
    """
    issuer, subject = identity.provider.issuer, identity.subject
    named = await _named(identity, uow)
    account = await uow.accounts.find(issuer, subject)
    if account is not None and account.person_id is not None:
        return await _seen_before(account, account.person_id, named, identity, uow)
    if account is None or named is not None:
        account = await uow.accounts.keep(issuer, subject, named.person_id if named else None)
    if account is None:
        raise TokenRefused(
            "The person that the token names has another identity at this provider. An"
            " administrator has to look at it."
        )
    if named is None:
        return account, None, Line("person", "absent", "No person here has this id.")
    why = f"It is {named.person_id}, seen here for the first time."
    return account, named, Line("person", "used", why)


async def _seen_before(
    account: Account, person_id: str, named: Person | None, identity: Identity, uow: UnitOfWork
) -> tuple[Account, Person | None, Line]:
    said = identity.person_id
    other = named is not None and named.person_id != person_id
    if other or (said is not None and said.lower() != person_id.lower()):
        raise TokenRefused(
            "This identity belongs to another person than the token names. An administrator has to"
            " look at it."
        )
    person = named or (await uow.persons.of_ids([person_id])).get(person_id)
    return account, person, Line("person", "used", f"This identity belongs to {person_id}.")


async def _named(identity: Identity, uow: UnitOfWork) -> Person | None:
    """The person whose id the token has, or, where the provider gives no ids, whose address.

    An id of upper-case letters also names the person whose id an import made lower-case.
    """
    if identity.person_id is not None:
        known = await uow.persons.of_ids({identity.person_id, identity.person_id.lower()})
        return known.get(identity.person_id) or known.get(identity.person_id.lower())
    if identity.provider.person_claim is None and identity.email is not None:
        found = await uow.persons.with_address(identity.email)
        if len(found) == 1:
            return found[0]
    return None


def _held(person: Person, today: date) -> tuple[set[Held], tuple[Line, ...]]:
    held: set[Held] = set()
    lines = []
    for one in sorted(person.assignments):
        what = f"role {one.role} for {one.unit_id or 'the whole region'}"
        if one.holds_on(today):
            held.add(Held.of(one.role, one.unit_id))
            lines.append(Line(what, "used", "The assignment holds today."))
        else:
            ended = one.valid_to is not None and one.valid_to < today
            why = f"It ended on {one.valid_to}." if ended else f"It begins on {one.valid_from}."
            lines.append(Line(what, "ignored", why))
    return held, tuple(lines)


def _nothing_held(grant: Grant) -> str:
    reasons = [one for one in grant.lines if one.what == "person" or one.outcome == "ignored"]
    why = "; ".join(f"{line.what}: {line.why}" for line in reasons)
    return f"No role that holds today was found. {why}".rstrip()


def _claims(grant: Grant, now: datetime, rules: TokenRules) -> dict[str, Any]:
    issued_at = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": rules.issuer,
        "aud": rules.audience,
        "sub": grant.subject,
        "iat": issued_at,
        "exp": issued_at + int(rules.lifetime.total_seconds()),
        "jti": str(uuid4()),
        "assignments": _listed(grant.held),
    }
    if grant.client_id is not None:
        claims["client_id"] = grant.client_id
    return claims


def _listed(held: Iterable[Held]) -> list[dict[str, Any]]:
    """As a token says it: an assignment without a unit holds for none."""
    return [
        {
            "role": one.role,
            **({"unit": one.unit} if one.unit is not None else {}),
            **({"below": True} if one.below else {}),
        }
        for one in sorted(held, key=lambda one: (one.role, one.unit or ""))
    ]
