"""Use cases of SCIM: users and groups as a client sends them, and the persons they become.

They never commit. The caller has the lock of `ScimResources`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from people_service.application.management import announce_managers
from people_service.application.membership_changes import announce
from people_service.application.scim_ports import ScimKind, ScimResource, ScimUnitOfWork
from people_service.domain.dissolution import followed
from people_service.domain.erasure import without_references
from people_service.domain.errors import DomainError
from people_service.domain.person import Person
from people_service.domain.scim import (
    Json,
    ScimRules,
    is_active,
    named_unit,
    person_of,
    phone_of,
    role_of,
)


async def create(
    kind: ScimKind, content: Json, comparable: Json, uow: ScimUnitOfWork, rules: ScimRules
) -> ScimResource:
    """Keep a new user or group, and give persons what follows from it.

    Raises DomainError `scim-user-unusable` or `scim-user-exists`.
    """
    now, changed = await uow.now(), list[str]()
    new = ScimResource(uuid4(), kind, None, 1, now, now, content, comparable)
    if kind == "User":
        person = await _person(new, uow, rules)
        await _check_uniqueness(new, person.person_id, uow)
        changed = await _save([person], uow)
        new = replace(new, person_id=person.person_id)
    await uow.scim.add(new)
    if kind == "Group":
        await _give_roles(_members(content), uow, rules)
    _note(None, new, uow, rules, changed)
    return new


async def change(
    before: ScimResource, content: Json, comparable: Json, uow: ScimUnitOfWork, rules: ScimRules
) -> ScimResource:
    """Keep a changed user or group, and give persons what follows from it.

    A user whose id attribute changes stands for another person from then on; for the former it is
    as if the user had been deleted. Raises DomainError `scim-user-unusable` or `scim-user-exists`.
    """
    after = replace(
        before,
        version=before.version + 1,
        last_modified=await uow.now(),
        content=content,
        comparable=comparable,
    )
    if before.kind == "Group":
        await uow.scim.replace(after)
        old, new = _members(before.content), _members(content)
        gives_the_same = role_of(before.content, rules) == role_of(content, rules)
        await _give_roles(old ^ new if gives_the_same else old | new, uow, rules)
        _note(before, after, uow, rules)
        return after
    person = await _person(after, uow, rules)
    await _check_uniqueness(after, person.person_id, uow)
    changed = await _save([person], uow, withdrawn_phone=phone_of(before.content))
    after = replace(after, person_id=person.person_id)
    await uow.scim.replace(after)
    if before.person_id not in (None, person.person_id):
        await _release(str(before.person_id), uow)
    _note(before, after, uow, rules, changed)
    return after


async def delete(resource: ScimResource, uow: ScimUnitOfWork, rules: ScimRules) -> None:
    """Forget a user or a group. A person to whom no other source gives anything is deleted."""
    _note(resource, None, uow, rules)
    if resource.kind == "Group":
        await uow.scim.remove(resource.resource_id)
        await _give_roles(_members(resource.content), uow, rules)
        return
    await remove_references(resource.resource_id, uow)
    await uow.scim.remove(resource.resource_id)
    if resource.person_id is not None:
        await _release(resource.person_id, uow)


async def remove_references(user_id: UUID, uow: ScimUnitOfWork) -> None:
    """Take a user who goes out of their groups, and from those whose manager they are.

    With the reference goes the name that the client wrote beside it.
    """
    for one in await uow.scim.referring_to(user_id):
        changed = replace(
            one,
            version=one.version + 1,
            last_modified=await uow.now(),
            content=without_references(one.content, str(user_id)),
            comparable=without_references(one.comparable, str(user_id)),
        )
        await uow.scim.replace(changed)


def _note(
    before: ScimResource | None,
    after: ScimResource | None,
    uow: ScimUnitOfWork,
    rules: ScimRules,
    changed: Sequence[str] = (),
) -> None:
    """`changed` are facts about the person of a user that are others now, without their values."""
    noted = after or before
    assert noted is not None
    facts = {"changed": list(changed)} if changed else {}
    uow.audit(
        "persons.provision",
        f"scim-{noted.kind.lower()}/{noted.resource_id}",
        before=_noted(before, after, rules) if before else None,
        after=_noted(after, before, rules) | facts if after else None,
    )


def _noted(one: ScimResource, other: ScimResource | None, rules: ScimRules) -> dict[str, Any]:
    """What decides roles, without names and addresses; of members, those that `other` lacks."""
    if one.kind == "Group":
        given = role_of(one.content, rules)
        members = _members(one.content) - (_members(other.content) if other else set())
        what = {"role": given.role, "unit": given.unit_id} if given else {}
        return {**what, "members": sorted(members)}
    unit_id, active = named_unit(one.content, rules), is_active(one.content)
    return {"person": one.person_id, "unit": unit_id, "active": active}


async def _release(person_id: str, uow: ScimUnitOfWork) -> None:
    """Take from a person what SCIM gave; delete them if nothing of another source is left."""
    for known in (await uow.persons.of_ids([person_id])).values():
        kept = frozenset(one for one in known.assignments if one.source != "scim")
        if kept:
            await uow.persons.save([replace(known, assignments=kept)], "scim")
        else:
            await uow.persons.remove(person_id)
    await announce_managers(uow)


async def _give_roles(member_ids: Iterable[str], uow: ScimUnitOfWork, rules: ScimRules) -> None:
    """Store anew the assignments that SCIM gives to these users; nothing else about them."""
    ids = [found for one in sorted(member_ids) if (found := _uuid(one)) is not None]
    given = {
        str(user.person_id): await _person(user, uow, rules) for user in await uow.scim.users(ids)
    }
    known = await uow.persons.of_ids(given)
    persons = [
        replace(known.get(person_id, person), assignments=person.assignments, person_id=person_id)
        for person_id, person in given.items()
    ]
    await _save(persons, uow)


async def _save(
    persons: Sequence[Person], uow: ScimUnitOfWork, withdrawn_phone: str = ""
) -> list[str]:
    """Store them with what SCIM gives them, and announce what follows; returns which facts about
    them are others than were known.

    SCIM gives no HSA id. A phone number that it does not give stays, unless SCIM withdraws it.
    """
    known = await uow.persons.of_ids([person.person_id for person in persons])
    persons = [
        _completed(person, known.get(person.person_id), withdrawn_phone) for person in persons
    ]
    await uow.persons.save(persons, "scim")
    await announce([(known.get(person.person_id), person) for person in persons], uow)
    differ = {
        name
        for person in persons
        if (before := known.get(person.person_id))
        for name in before.changed_fields(person)
    }
    return sorted(differ - {"assignments"})


def _completed(given: Person, known: Person | None, withdrawn_phone: str) -> Person:
    if known is not None and known.phone == withdrawn_phone:
        known = replace(known, phone="")
    return given.completed_by(known)


async def _person(user: ScimResource, uow: ScimUnitOfWork, rules: ScimRules) -> Person:
    """The user's person, in the successors of units that have ended.

    An id of upper-case letters also means the person whose id an import made lower-case, as in an
    identity provider's token.
    """
    groups = [group.content for group in await uow.scim.groups_with(user.resource_id)]
    person = followed(person_of(user.content, groups, rules), await uow.units.dissolved())
    lower = person.person_id.lower()
    known = await uow.persons.of_ids({person.person_id, lower})
    if person.person_id not in known and lower in known:
        return replace(person, person_id=lower)
    return person


async def _check_uniqueness(user: ScimResource, person_id: str, uow: ScimUnitOfWork) -> None:
    of_name = await uow.scim.user_named(str(user.comparable["user_name"]))
    of_person = await uow.scim.user_of(person_id)
    for attribute, found in (("userName", of_name), ("the person's id", of_person)):
        if found is not None and found.resource_id != user.resource_id:
            detail = f"There is another user with this value: {attribute}."
            raise DomainError("scim-user-exists", "conflict", detail)


def _members(group: Json) -> set[str]:
    return {str(one["value"]) for one in group.get("members") or () if one.get("value")}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
