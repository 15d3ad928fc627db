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
    BindingRefused,
    TokenRefused,
    TokenSigner,
    UnitOfWork,
)
from people_service.domain.calendar import civil_date, end_of
from people_service.domain.identity_provider import Held, Identity, Line
from people_service.domain.person import Person

_REASONS = ("ignored", "refused", "left out")


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What every token of the platform says."""

    issuer: str
    audience: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Grant:
    """Who somebody is for the platform, and what they may be. `lines` say how that was found.

    `subject` is opaque: nobody with a staff list finds a person by it. `bound` is the person whose
    the identity became by this token. `ends_on` is the first day on which some of it ends.
    """

    subject: str
    client_id: str
    held: frozenset[Held]
    lines: tuple[Line, ...]
    bound: str | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Exchanged:
    token: str
    lifetime: timedelta
    grant: Grant


class NothingHeld(TokenRefused):
    """It gives no role today. The text says whose it is and why: it is for its holder alone.

    Whose it is may be kept all the same: an administrator then sees who came.
    """

    def __init__(self, grant: Grant) -> None:
        super().__init__(_nothing_held(grant))
        self.grant = grant


async def exchange(
    identity: Identity, uow: UnitOfWork, signer: TokenSigner, rules: TokenRules
) -> Exchanged:
    """A token of the platform for the holder of a provider's, which says nothing that ends
    meanwhile. Raises TokenRefused."""
    grant = await grant_of(identity, uow)
    if not grant.held:
        raise NothingHeld(grant)
    now = await uow.now()
    lifetime = _lifetime(grant, now, rules)
    claims = common_claims(grant.subject, grant.client_id, now, lifetime, rules)
    return Exchanged(signer.sign(claims | {"assignments": _listed(grant.held)}), lifetime, grant)


async def grant_of(identity: Identity, uow: UnitOfWork) -> Grant:
    """What it gives today, by what the provider vouches for and by what is known here.

    Raises TokenRefused.
    """
    today = civil_date(await uow.now())
    account, person, found, first = await _whose(identity, uow, today)
    held, lines = set[Held](), tuple[Line, ...]()
    if person:
        held, lines = _held(person, today)
    return Grant(
        subject=str(account.account_id),
        client_id=identity.client_id,
        held=identity.roles | held | (identity.roles_if_known if person else set()),
        lines=(*identity.lines, found, *lines, *(() if person else _for_nobody(identity))),
        bound=person.person_id if person and first else None,
        ends_on=_ends_on(person, today) if person else None,
    )


async def _whose(
    identity: Identity, uow: UnitOfWork, today: date
) -> tuple[Account, Person | None, Line, bool]:
    """The account and the person of an identity, which is theirs alone from the first time on, and
    whether this is the first.

    Raises BindingRefused if the token names one person and the identity belongs to another, or if
    the person has another identity at this provider: an address or an id that has been given to
    somebody else must not open what was its first owner's.
    """
    issuer, subject = identity.provider.issuer, identity.subject
    match await uow.accounts.find(issuer, subject, today):
        case (account, Person() as person):
            if not _names(identity, person):
                named = await _named(identity, uow)
                if named is not None or identity.person_id or identity.hsa_id:
                    named_id = named.person_id if named else None
                    raise BindingRefused(issuer, subject, "another-person", named_id)
            why = f"This identity belongs to {person.person_id}."
            return account, person, Line("person", "used", why), False
        case (account, None):
            named = await _named(identity, uow)
            if named is None:
                return account, None, _nobody(identity), False
        case _:
            named = await _named(identity, uow)
    kept = await uow.accounts.keep(issuer, subject, named.person_id if named else None, today)
    if not isinstance(kept, Account):
        raise BindingRefused(issuer, subject, kept, named.person_id if named else None)
    if named is None:
        return kept, None, _nobody(identity), True
    why = f"It is {named.person_id}, seen here for the first time."
    return kept, named, Line("person", "used", why), True


def _nobody(identity: Identity) -> Line:
    """By what nobody was found."""
    if identity.person_id is not None:
        why = "No person here has this id."
    elif identity.hsa_id is not None:
        why = "No person here has this HSA id."
    elif identity.email is not None and not identity.provider.gives_ids:
        why = "No person here has this address, or more than one has."
    else:
        why = "The token has nothing by which a person is found here."
    return Line("person", "absent", why)


def _names(identity: Identity, person: Person) -> bool:
    """Whether the token itself says that it is about this person."""
    if identity.person_id is not None:
        return identity.person_id.lower() == person.person_id.lower()
    if identity.hsa_id is not None:
        return identity.hsa_id == person.hsa_id
    return not identity.provider.gives_ids and (
        identity.email is not None and identity.email.lower() == person.email.lower()
    )


async def _named(identity: Identity, uow: UnitOfWork) -> Person | None:
    """The person whose id or HSA id the token has, or, where the provider gives neither, whose
    address.

    An id of upper-case letters also names the person whose id an import made lower-case.
    """
    if identity.person_id is not None:
        known = await uow.persons.of_ids({identity.person_id, identity.person_id.lower()})
        return known.get(identity.person_id) or known.get(identity.person_id.lower())
    if identity.hsa_id is not None:
        return await uow.persons.with_hsa_id(identity.hsa_id)
    if not identity.provider.gives_ids and identity.email is not None:
        found = await uow.persons.with_address(identity.email)
        if len(found) == 1:
            return found[0]
    return None


def _held(person: Person, today: date) -> tuple[set[Held], tuple[Line, ...]]:
    held: set[Held] = set()
    lines = []
    for one in sorted(person.assignments):
        what = f"role {one.role} for {one.unit_id or 'the whole region'}"
        if not one.counts:
            why = "Who gave it was not known as a person: another administrator has to import it."
            lines.append(Line(what, "ignored", why))
        elif one.holds_on(today):
            held.add(Held.of(one.role, one.unit_id, one.standing_for))
            lines.append(Line(what, "used", "The assignment holds today."))
        else:
            ended = one.valid_to is not None and one.valid_to < today
            why = f"It ended on {one.valid_to}." if ended else f"It begins on {one.valid_from}."
            lines.append(Line(what, "ignored", why))
    return held, tuple(lines)


def _for_nobody(identity: Identity) -> list[Line]:
    """Somebody may have an identity at two providers, and would be two if nobody knew them."""
    why = "Groups give it to persons that are known here only."
    return [
        Line(f"role {one.role}", "refused", why)
        for one in sorted(identity.roles_if_known, key=lambda one: one.role)
    ]


def _nothing_held(grant: Grant) -> str:
    reasons = [line for line in grant.lines if line.what == "person" or line.outcome in _REASONS]
    why = "; ".join(f"{line.what}: {line.why}" for line in reasons)
    return f"No role that holds today was found. {why}".rstrip()


def common_claims(
    subject: str, client_id: str, now: datetime, lifetime: timedelta, rules: TokenRules
) -> dict[str, Any]:
    """The claims of every token of the platform (RFC 9068); `assignments` are left to add."""
    issued_at = int(now.timestamp())
    return {
        "iss": rules.issuer,
        "aud": rules.audience,
        "sub": subject,
        "client_id": client_id,
        "iat": issued_at,
        "exp": issued_at + int(lifetime.total_seconds()),
        "jti": str(uuid4()),
    }


def _ends_on(person: Person, today: date) -> date | None:
    days = [one.valid_to for one in person.assignments if one.valid_to and one.holds_on(today)]
    return min(days, default=None)


def _lifetime(grant: Grant, now: datetime, rules: TokenRules) -> timedelta:
    if grant.ends_on is None:
        return rules.lifetime
    left = max((end_of(grant.ends_on) - now).total_seconds(), 1)
    return min(rules.lifetime, timedelta(seconds=int(left)))


def _listed(held: Iterable[Held]) -> list[dict[str, Any]]:
    """As a token says it: an assignment without a unit holds for none."""
    return [
        {
            "role": one.role,
            **({"unit": one.unit} if one.unit is not None else {}),
            **({"below": True} if one.below else {}),
            **({"standing_for": str(one.standing_for)} if one.standing_for else {}),
        }
        for one in sorted(held, key=lambda one: (one.role, one.unit or "", str(one.standing_for)))
    ]
