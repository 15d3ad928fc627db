"""What a SCIM user and the groups they are in mean here: a person and their assignments.

Users and groups are JSON objects as RFC 7643 has them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from people_service.domain.errors import DomainError
from people_service.domain.fault_text import FaultText
from people_service.domain.person import (
    LANGUAGES,
    PERSON_ID,
    UNIT_ID,
    Assignment,
    Language,
    Person,
    address_fault,
    id_fault,
    name_fault,
)
from people_service.domain.phone import e164
from people_service.domain.roles import ROLES, RoleName

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PersonIdAttribute = Literal["externalId", "userName", "employeeNumber"]
UnitAttribute = Literal["department", "organization", "division", "costCenter"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class GroupRole:
    """What membership of a group gives; `unit_id` is empty for the whole region."""

    role: RoleName
    unit_id: str


@dataclass(frozen=True, slots=True)
class ScimRules:
    """What SCIM clients are trusted for.

    `person_id` is the attribute that has the person's id, `unit` the one with the unit where
    somebody is employed; None if no attribute has it. `group_roles` are by the group's name or
    external id. A group named `role:unit` gives that role if it is one of `roles`.
    """

    person_id: PersonIdAttribute
    unit: UnitAttribute | None
    roles: frozenset[RoleName]
    group_roles: Mapping[str, GroupRole]


def person_of(user: Json, groups: Iterable[Json], rules: ScimRules) -> Person:
    """The person with the assignments that SCIM gives; an inactive user's person has none.

    Raises DomainError `scim-user-unusable`, with the attribute that has to be corrected.
    """
    person_id = str(_identifying(user, rules.person_id) or "").strip()
    form = f"{rules.person_id} is the person's id: 1 to 63 letters a-z, digits, '.', '_' or '-'."
    _refuse(rules.person_id, id_fault(person_id, PERSON_ID, FaultText("person-id-form", form)))
    name, email = _name(user), _email(user)
    _refuse("displayName", name_fault(name))
    _refuse("emails", address_fault(email))
    return Person(
        person_id=person_id,
        name=name,
        email=email,
        language=_language(user),
        assignments=frozenset(_assignments(user, groups, rules)),
        phone=phone_of(user),
    )


def phone_of(user: Json) -> str:
    """The phone number at work; the empty text if there is none that can be read."""
    numbers = user.get("phoneNumbers") or []
    at_work = (one for one in numbers if str(one.get("type") or "").lower() == "work")
    return next((found for one in at_work if (found := e164(str(one.get("value") or "")))), "")


def role_of(group: Json, rules: ScimRules) -> GroupRole | None:
    """What membership of the group gives, if the settings let a group give it."""
    name = str(group.get("displayName") or "")
    for known_as in (name, group.get("externalId")):
        if known_as and (given := rules.group_roles.get(known_as)):
            return given
    role, _, unit_id = name.partition(":")
    if role not in rules.roles or not UNIT_ID.fullmatch(unit_id):
        return None
    return GroupRole(role, unit_id) if ROLES[role].unit != "none" else None


def is_active(user: Json) -> bool:
    """Whether the user is not switched off; a client that says nothing means that they are not."""
    return user.get("active") is not False


def named_unit(user: Json, rules: ScimRules) -> str | None:
    """What is said to be the unit where the user is employed, if anything is."""
    value = _enterprise(user).get(rules.unit) if rules.unit else None
    return str(value).strip().lower() if value else None


def _assignments(user: Json, groups: Iterable[Json], rules: ScimRules) -> Iterator[Assignment]:
    unit_id = _unit(user, rules)
    if not is_active(user):
        return
    if unit_id is not None:
        yield Assignment("employee", unit_id, source="scim")
    for group in groups:
        if given := role_of(group, rules):
            yield Assignment(given.role, given.unit_id, source="scim")


def _unit(user: Json, rules: ScimRules) -> str | None:
    unit_id = named_unit(user, rules)
    if unit_id is not None:
        form = f"{rules.unit} is the id of a unit: 1 to 63 characters a-z, 0-9 or '-'."
        _refuse(str(rules.unit), id_fault(unit_id, UNIT_ID, FaultText("unit-id-form", form)))
    return unit_id


def _identifying(user: Json, attribute: PersonIdAttribute) -> Any:
    return (_enterprise(user) if attribute == "employeeNumber" else user).get(attribute)


def _enterprise(user: Json) -> Json:
    return user.get(ENTERPRISE) or {}


def _name(user: Json) -> str:
    """The display name; without one the full name, its parts, or what the user signs in as."""
    name = user.get("name") or {}
    parts = " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))
    given = (user.get("displayName"), name.get("formatted"), parts, user.get("userName"))
    return next((str(text).strip() for text in given if text), "")


def _email(user: Json) -> str:
    """The primary address, or the first one."""
    emails = user.get("emails") or []
    chosen = next((one for one in emails if one.get("primary")), emails[0] if emails else {})
    return str(chosen.get("value") or "").strip()


def _language(user: Json) -> Language:
    """By the first part of a language tag such as `en-GB`; Swedish for any other language."""
    tag = str(user.get("preferredLanguage") or "").strip().replace("_", "-").lower()
    language = tag.partition("-")[0]
    return language if language in LANGUAGES else "sv"


def _refuse(attribute: str, fault: str | None) -> None:
    if fault is not None:
        errors = [{"pointer": f"/{attribute}", "detail": fault}]
        raise DomainError("scim-user-unusable", "invalid", f"{attribute}: {fault}", errors)
