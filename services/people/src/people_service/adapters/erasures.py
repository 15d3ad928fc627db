"""Erasures, and what they remove, in PostgreSQL."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, cast, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from people_service.adapters.accounts import ONE_KEEPER_AT_A_TIME, OWN
from people_service.adapters.erasure_tables import ErasureRow
from people_service.adapters.free_texts import FREE_TEXTS
from people_service.adapters.persons import ONE_WRITER_AT_A_TIME
from people_service.adapters.tables import ScimResourceRow
from people_service.application.erasure_ports import Naming, Removed
from people_service.application.ports import PageOf
from people_service.domain.erasure import (
    Confirmation,
    Erasure,
    identifies,
    without_references,
)
from servicekit.db import table
from servicekit.free_texts import (
    Lines,
    Names,
    erase_lines,
    find_answers,
    find_lines,
    find_texts,
    forget_answers,
    remove_words,
)
from servicekit.naming import Words, normalised

_erasures = table(ErasureRow)
_resources = table(ScimResourceRow)

_WORDS = text("""
    select name as word from persons where person_id = :id
    union select email from persons where person_id = :id
    union select phone from persons where person_id = :id
    union select hsa_id from persons where person_id = :id
    union select fact from former_facts where person_id = :id
    union select unnest(words) from erasures where person_id = :id
    union select subject from identities where :id in (person_id, former_person_id)
    union select subject from released_identities where person_id = :id
    union select content ->> name from scim_resources,
        unnest(array['userName', 'externalId', 'displayName']) as name where person_id = :id
    union select mail ->> 'value' from scim_resources,
        jsonb_path_query(content, '$.emails[*]') as mail
        where person_id = :id and mail ->> 'value' like '%@%'
""")
_NAMED = text("""
    select given.id from unnest(cast(:ids as text[])) with ordinality as given (id, place)
    where exists (select from persons where person_id = given.id)
       or exists (select from identities where given.id in (person_id, former_person_id))
       or exists (select from released_identities where person_id = given.id)
       or exists (select from erasures where person_id = given.id)
       or exists (
            select from audit_lines
            where subject = 'person/' || given.id
               or (strpos(details, given.id) > 0 and exists (
                    select from unnest(array['before', 'after']) as part,
                        unnest(cast(:keys as text[])) as key
                    where details::jsonb -> part ->> key = given.id
               ))
       )
    order by place limit 1
""")
_RESOURCES = text("select resource_id from scim_resources where person_id = :id")
# Of the same subject at another provider nobody knows that it is them. An id of upper-case letters
# also names the person whose id an import made lower-case.
_THEIRS = """
    :id in (person_id, former_person_id)
    or (person_id is null and former_person_id is null and (
        (issuer, subject) in
            (select issuer, subject from released_identities where person_id = :id)
        or (issuer = any(:issuers) and :id in (subject, lower(subject)))
    ))
"""
# In this order, because an identity or a binding that is added meanwhile holds its person.
_ABOUT_THEM = {
    "refused_bindings": f"""
        named = :id
        or (issuer, subject) in (select issuer, subject from identities where {_THEIRS})
    """,  # noqa: S608 - no value in it
    "identities": _THEIRS,
    "released_identities": "person_id = :id",
    "delegations": "principal_id = :id or delegate_id = :id",
    "role_gifts": "person_id = :id",
    "scim_resources": "person_id = :id",
    "assignments": "person_id = :id",
    "former_facts": "person_id = :id",
    "persons": "person_id = :id",
}
_MANAGEMENTS = text("""
    select count(*) from managements where :id = any(managers) or :id = any(newcomers)
""")
_LEAVE_MANAGEMENTS = text("""
    update managements set
        managers = array_remove(managers, :id), newcomers = array_remove(newcomers, :id)
    where :id = any(managers) or :id = any(newcomers)
""")
_KEYS = ["person", "person_id", "principal", "delegate", "principal_id", "delegate_id"]
"""Under which details of audit lines have a person's id."""


class SqlErasures:
    """The port `Erasures`.

    `issuers_of_ids` are the providers whose subjects are the persons' ids.
    """

    def __init__(self, connection: AsyncConnection, issuers_of_ids: Collection[str]) -> None:
        self._connection = connection
        self._issuers_of_ids = [OWN, *issuers_of_ids]
        self._lines = Lines([], 0)

    async def locked_naming(self, given_id: str) -> Naming | None:
        before = await self._naming(given_id)
        if before is None:
            return None
        # Nobody waits while many lines are compared.
        lines = await find_lines(self._connection, *_of_lines(before))
        await self._connection.execute(ONE_WRITER_AT_A_TIME)
        await self._connection.execute(ONE_KEEPER_AT_A_TIME)
        naming = await self._naming(given_id)
        if naming is not None and naming != before:
            lines = await find_lines(self._connection, *_of_lines(naming))
        self._lines = lines
        return naming

    def mentioned(self, sentence: str, naming: Naming) -> bool:
        identifying = _identifying(naming)
        return identifying is not None and identifying.are_in(sentence)

    async def _naming(self, given_id: str) -> Naming | None:
        ids = {"ids": [given_id, given_id.lower()], "keys": _KEYS}
        person_id = (await self._connection.execute(_NAMED, ids)).scalar_one_or_none()
        if person_id is None:
            return None
        them = {"id": person_id}
        stored = (await self._connection.execute(_WORDS, them)).scalars()
        words = filter(None, (normalised(word) for word in stored if word))
        resources = (await self._connection.execute(_RESOURCES, them)).scalars()
        return Naming(person_id, frozenset({person_id, *words}), frozenset(resources))

    async def remove_person(self, naming: Naming) -> Removed:
        values = {"id": naming.person_id, "issuers": self._issuers_of_ids}
        managements = await self._connection.execute(_MANAGEMENTS, {"id": naming.person_id})
        return {"managements": managements.scalar_one()} | {
            name: await self._changed(
                f"delete from {name} where {condition}",  # noqa: S608 - no value in it
                {key: value for key, value in values.items() if f":{key}" in condition},
            )
            for name, condition in _ABOUT_THEM.items()
        }

    async def remove_mentions(self, naming: Naming) -> Removed:
        await self._connection.execute(_LEAVE_MANAGEMENTS, {"id": naming.person_id})
        references = await self._remove_references(naming.resource_ids)
        reasons: dict[str, int] = {}
        if identifying := _identifying(naming):
            found = await find_texts(self._connection, FREE_TEXTS, identifying)
            reasons = await remove_words(self._connection, FREE_TEXTS, identifying, found)
        words = Words(naming.words)
        answers = await find_answers(self._connection, words)
        return {
            "reasons": sum(reasons.values()),
            "scim_references": references,
            "idempotency_keys": await forget_answers(self._connection, words, answers),
        }

    async def save(self, erasure: Erasure) -> None:
        new = {
            "person_id": erasure.person_id,
            "words": sorted(erasure.words),
            "awaited": list(erasure.awaited),
            "confirmations": [
                {
                    "service": one.service,
                    "rows": dict(one.rows),
                    "confirmed_at": one.confirmed_at.isoformat(),
                }
                for one in erasure.confirmations
            ],
        }
        statement = insert(_erasures).values(
            erasure_id=erasure.erasure_id, asked_at=erasure.asked_at, **new
        )
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["erasure_id"], set_=new)
        )

    async def locked(self, erasure_id: UUID) -> Erasure | None:
        found = select(_erasures).where(_erasures.c.erasure_id == erasure_id)
        row = (await self._connection.execute(found.with_for_update())).one_or_none()
        return _erasure(row) if row else None

    async def page(self, page: PageOf) -> tuple[Sequence[Erasure], int]:
        counted = select(func.count()).select_from(_erasures)
        total = (await self._connection.execute(counted)).scalar_one()
        rows = await self._connection.execute(
            select(_erasures)
            .order_by(_erasures.c.asked_at.desc(), _erasures.c.erasure_id)
            .offset(page.offset)
            .limit(page.limit)
        )
        return [_erasure(row) for row in rows], total

    async def _changed(self, statement: str, values: dict[str, Any]) -> int:
        return (await self._connection.execute(text(statement), values)).rowcount

    async def _remove_references(self, resource_ids: Iterable[UUID]) -> int:
        """From the groups and the users that refer to these users."""
        changed = 0
        for resource_id in map(str, resource_ids):
            documents = (_resources.c.content, _resources.c.comparable)
            found = select(_resources).where(
                or_(
                    *(
                        func.strpos(func.lower(cast(one, Text)), resource_id) > 0
                        for one in documents
                    )
                )
            )
            for row in (await self._connection.execute(found)).all():
                await self._connection.execute(
                    update(_resources)
                    .where(_resources.c.resource_id == row.resource_id)
                    .values(
                        content=without_references(row.content, resource_id),
                        comparable=without_references(row.comparable, resource_id),
                        version=row.version + 1,
                        last_modified=func.now(),
                    )
                )
                changed += 1
        return changed

    async def erase_audit_lines(self, naming: Naming) -> Sequence[int]:
        return await erase_lines(self._connection, *_of_lines(naming), self._lines)


def _identifying(naming: Naming) -> Words | None:
    """The words that also name them within a sentence."""
    words = frozenset(filter(identifies, naming.words))
    return Words(words) if words else None


def _of_lines(naming: Naming) -> tuple[Words, Names]:
    """What an audit line has that may name them, and whether it does."""
    resources = set(map(str, naming.resource_ids))
    subjects = {f"person/{naming.person_id}", *(f"scim-user/{one}" for one in resources)}
    identifying = _identifying(naming)

    def names(details: Mapping[str, Any]) -> bool:
        if details.get("subject") in subjects:
            return True
        if identifying and identifying.are_in(details.get("reason")):
            return True
        parts = [details.get(part) or {} for part in ("before", "after")]
        return any(part.get(key) == naming.person_id for part in parts for key in _KEYS)

    return Words(naming.words | resources), names


def _erasure(row: Row[Any]) -> Erasure:
    confirmations = tuple(
        Confirmation(one["service"], one["rows"], datetime.fromisoformat(one["confirmed_at"]))
        for one in row.confirmations
    )
    whom = (row.person_id, frozenset(row.words))
    return Erasure(row.erasure_id, *whom, row.asked_at, confirmations, tuple(row.awaited))
