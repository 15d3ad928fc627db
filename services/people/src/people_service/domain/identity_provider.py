"""What an identity provider's token says, and what of it counts.

Providers differ in where they say it, and in what they can vouch for. Nothing of a token counts
that its provider is not trusted for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from uuid import UUID

from people_service.domain.hsa_id import hsa_id_of
from people_service.domain.person import PERSON_ID, UNIT_ID, address_fault
from people_service.domain.roles import EVERY_UNIT, ROLES, RoleName

_CLIENT_CLAIMS = ("azp", "client_id", "appid")
_TRUE = (True, 1, "true", "1")
"""How providers write it; Entra ID's `xms_edov` is any of them."""

Outcome = Literal["used", "refused", "ignored", "absent", "left out"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at in a token, and what became of it."""

    what: str
    outcome: Outcome
    why: str


@dataclass(frozen=True, slots=True)
class Held:
    """A role for a unit, `*` or none, and whether it holds for the units below it too."""

    role: RoleName
    unit: str | None
    below: bool
    standing_for: UUID | None = None

    @classmethod
    def of(cls, role: RoleName, unit: str = "", standing_for: UUID | None = None) -> "Held":
        """`unit` is the empty text for the whole region."""
        if role == "subscriber":
            return cls(role, None, False)
        return cls(role, unit or EVERY_UNIT, ROLES[role].below, standing_for)


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider, and what it is trusted for.

    A claim is named by its path, with a dot for each level: `realm_access.roles`. `person_claim`
    has the id that the region's files give a person; in its place `hsa_claim` has the HSA id, if
    the provider vouches for it. `group_roles` and `client_roles` give roles for the whole region;
    those of groups to known persons, and to others if `roles_without_person` has the role.
    `email_claim` and `assignments_claim` are None if the provider does not vouch for them,
    `email_verified_claim` if it vouches for every address. Without a claim for either id a person
    is found by the address. `token_issuers` are what its tokens say beside `issuer`.
    """

    name: str
    issuer: str
    token_issuers: frozenset[str]
    audiences: frozenset[str]
    token_types: frozenset[str]
    person_claim: str | None
    hsa_claim: str | None
    group_claims: tuple[str, ...]
    group_roles: Mapping[str, RoleName]
    roles_without_person: frozenset[RoleName]
    client_roles: Mapping[str, RoleName]
    email_claim: str | None
    email_verified_claim: str | None
    assignments_claim: str | None

    @property
    def gives_ids(self) -> bool:
        """Whether a person is found by an id, and never by the address."""
        return self.person_claim is not None or self.hsa_claim is not None


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody, or a system, as the provider knows it; `client_id` is whom it gave the token.

    `roles` are those that it vouches for; `roles_if_known` count for a person who is known here.
    """

    provider: Provider
    subject: str
    person_id: str | None
    hsa_id: str | None
    email: str | None
    client_id: str
    roles: frozenset[Held]
    roles_if_known: frozenset[Held]
    lines: tuple[Line, ...] = field(default=(), compare=False)


def read(provider: Provider, claims: Mapping[str, Any]) -> Identity:
    """What counts of a token whose signature, audience and times are right."""
    lines: list[Line] = []
    client_id = next((str(claims[c]) for c in _CLIENT_CLAIMS if claims.get(c)), None)
    systems_own = client_id is not None and _is_about_the_client(claims, client_id)
    by_groups = frozenset(_of_groups(provider, claims, systems_own, lines))
    anyones = frozenset(one for one in by_groups if one.role in provider.roles_without_person)
    roles = {
        *_of_client(provider, client_id, systems_own, lines),
        *_vouched_for(provider, claims, lines),
    }
    return Identity(
        provider=provider,
        subject=str(claims["sub"]),
        person_id=_person_id(provider, claims, lines),
        hsa_id=_hsa_id(provider, claims, lines),
        email=_email(provider, claims, lines),
        client_id=client_id or _audience(provider, claims),
        roles=anyones | roles,
        roles_if_known=by_groups - anyones,
        lines=tuple(lines),
    )


def _audience(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Whom the provider issued it to: an ID token's `aud` (OpenID Connect Core 1.0, section 2)."""
    given = claims["aud"]
    named = [given] if isinstance(given, str) else given
    return next(str(one) for one in named if one in provider.audiences)


def _person_id(provider: Provider, claims: Mapping[str, Any], lines: list[Line]) -> str | None:
    if provider.person_claim is None:
        return None
    what, value = f"claim {provider.person_claim}", _at(claims, provider.person_claim)
    if not isinstance(value, str) or not value.strip():
        lines.append(Line(what, "absent", "No text is there, so no person is found by it."))
        return None
    if not PERSON_ID.fullmatch(value.strip()):
        lines.append(Line(what, "ignored", "It has not the form of an id, so it names no person."))
        return None
    lines.append(Line(what, "used", f"The person with the id {value.strip()!r} is looked for."))
    return value.strip()


def _hsa_id(provider: Provider, claims: Mapping[str, Any], lines: list[Line]) -> str | None:
    if provider.hsa_claim is None:
        return None
    what, value = f"claim {provider.hsa_claim}", _at(claims, provider.hsa_claim)
    if not isinstance(value, str) or not value.strip():
        lines.append(Line(what, "absent", "No text is there, so no person is found by it."))
        return None
    hsa_id = hsa_id_of(value)
    if hsa_id is None:
        why = "It has not the form of a HSA id, so it names no person."
        lines.append(Line(what, "ignored", why))
        return None
    lines.append(Line(what, "used", f"The person with the HSA id {hsa_id} is looked for."))
    return hsa_id


def _email(provider: Provider, claims: Mapping[str, Any], lines: list[Line]) -> str | None:
    if provider.email_claim is None:
        if "email" in claims:
            why = f"The provider {provider.name} does not vouch for addresses."
            lines.append(Line("claim email", "ignored", why))
        return None
    what, value = f"claim {provider.email_claim}", _at(claims, provider.email_claim)
    if not isinstance(value, str) or not value:
        lines.append(Line(what, "absent", "No text is there."))
        return None
    verified = provider.email_verified_claim
    if verified is not None and _at(claims, verified) not in _TRUE:
        lines.append(Line(what, "refused", f"The claim {verified} does not say that it is theirs."))
        return None
    if fault := address_fault(value):
        lines.append(Line(what, "refused", fault))
        return None
    lines.append(Line(what, "used", "The provider vouches for this address."))
    return value


def _of_groups(
    provider: Provider, claims: Mapping[str, Any], systems_own: bool, lines: list[Line]
) -> Iterator[Held]:
    for path in provider.group_claims:
        value = _at(claims, path)
        if value is None:
            lines.append(_no_groups(claims, path))
            continue
        for group in _texts(value):
            role = provider.group_roles.get(group)
            if role is None:
                lines.append(Line(f"group {group}", "ignored", "No role is given for it."))
            elif systems_own:
                why = f"It gives {role} to people; a system has the role of its client."
                lines.append(Line(f"group {group}", "ignored", why))
            else:
                lines.append(Line(f"group {group}", "used", f"It gives the role {role}."))
                yield Held.of(role)


def _no_groups(claims: Mapping[str, Any], path: str) -> Line:
    """Entra ID leaves out more than 200 groups and says where to ask for them (`_claim_names`), or
    that there are some (`hasgroups`)."""
    elsewhere = claims.get("_claim_names")
    named = isinstance(elsewhere, Mapping) and path in elsewhere
    if named or (path == "groups" and claims.get("hasgroups") in _TRUE):
        why = (
            "The provider left the groups out, because the person has too many. Give roles by roles"
            " of the application, or send only the groups that are assigned to it."
        )
        return Line(f"claim {path}", "left out", why)
    return Line(f"claim {path}", "absent", "No groups are there.")


def _is_about_the_client(claims: Mapping[str, Any], client_id: str) -> bool:
    """Whether it is a system's own token, not of somebody who uses the client: `sub` is the client
    (RFC 9068), or it is marked as an application's (Entra ID: `idtyp`), or as of the client's
    service account (Keycloak)."""
    return (
        claims["sub"] == client_id
        or claims.get("idtyp") == "app"
        or claims.get("preferred_username") == f"service-account-{client_id}"
    )


def _of_client(
    provider: Provider, client_id: str | None, systems_own: bool, lines: list[Line]
) -> Iterator[Held]:
    if client_id is None or (role := provider.client_roles.get(client_id)) is None:
        return
    if not systems_own:
        why = "The token is about somebody who uses this client, not about the client."
        lines.append(Line(f"client {client_id}", "ignored", why))
        return
    lines.append(Line(f"client {client_id}", "used", f"It has the role {role}."))
    yield Held.of(role)


def _vouched_for(
    provider: Provider, claims: Mapping[str, Any], lines: list[Line]
) -> Iterator[Held]:
    path = provider.assignments_claim
    if path is None:
        if "assignments" in claims:
            why = f"The provider {provider.name} does not vouch for assignments."
            lines.append(Line("claim assignments", "ignored", why))
        return
    value = _at(claims, path)
    for listed in value if isinstance(value, list) else []:
        match listed:
            case {"role": str(role), **others} if role in ROLES and _fits(role, others.get("unit")):
                unit = str(others.get("unit") or "")
                held = Held.of(cast(RoleName, role), "" if unit == EVERY_UNIT else unit)
                why = "The provider vouches for it."
                lines.append(Line(f"role {role} for {held.unit or 'no unit'}", "used", why))
                yield held
            case _:
                why = "This is no role of the platform with its unit."
                lines.append(Line(f"claim {path}", "refused", why))


def _fits(role: str, unit: object) -> bool:
    """Whether a role can be held for this unit. Only `*` stands for the whole region.

    What a one-time code gives no provider can give.
    """
    if ROLES[cast(RoleName, role)].held_by == "code":
        return False
    kind = ROLES[cast(RoleName, role)].unit
    if unit is None:
        return role == "subscriber"
    if unit == EVERY_UNIT:
        return kind != "required"
    return kind != "none" and isinstance(unit, str) and UNIT_ID.fullmatch(unit) is not None


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The value at a path. A claim whose own name has dots, such as a URL, is found too."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _texts(value: object) -> Sequence[str]:
    """A list of texts, or one text: providers send a single group either way."""
    listed = value if isinstance(value, list) else [value]
    return [text for text in listed if isinstance(text, str)]
