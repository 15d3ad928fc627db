"""The erasure of a person in a service that stores free texts: consumer, use case and confirmation.

The people service says by an event that somebody is erased, answers by which words, and keeps them
until every service has confirmed.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ValidationError
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contracts.people import PersonErased
from servicekit import audit_trail
from servicekit.consumer_group import ConsumerGroup, EventMeta
from servicekit.db import SqlUnitOfWork, Transaction
from servicekit.free_texts import (
    Found,
    FreeTexts,
    Lines,
    erase_lines,
    find_answers,
    find_lines,
    find_texts,
    forget_answers,
    in_reason,
    remove_words,
)
from servicekit.naming import Words
from servicekit.runtime import Every
from servicekit.service_client import Refused, ServiceClient, Unavailable

log = logging.getLogger(__name__)

_SECONDS = 5
_UNKNOWN = "unknown-erasure"
_NOTE = text("""
    insert into erasures_to_confirm (erasure_id, rows) values (:erasure_id, cast(:rows as jsonb))
    on conflict do nothing
""")
_UNCONFIRMED = text("select erasure_id, rows from erasures_to_confirm")
_CONFIRMED = text("delete from erasures_to_confirm where erasure_id = :erasure_id")


class _Erased(BaseModel):
    person_id: str | None
    words: list[str]


@dataclass(frozen=True)
class FoundWords:
    """Where a service has somebody's words: in free texts, stored answers, reasons of audit lines.

    Found without locks. Both may raise DBAPIError: try again later.
    """

    words: Words
    free_texts: FreeTexts
    texts: Found
    answers: Sequence[Row[Any]]
    lines: Lines

    @classmethod
    async def find(
        cls, connection: AsyncConnection, texts: FreeTexts, words: Words
    ) -> "FoundWords":
        """Search all that the service stores; it may take a while."""
        return cls(
            words,
            texts,
            await find_texts(connection, texts, words),
            await find_answers(connection, words),
            await find_lines(connection, words, in_reason(words)),
        )

    async def remove(
        self, connection: AsyncConnection, service: str, erasure_id: UUID
    ) -> dict[str, int]:
        """Take them out, with an audit line that says so; how many rows changed, by table."""
        rows = await remove_words(connection, self.free_texts, self.words, self.texts)
        rows["idempotency_keys"] = await forget_answers(connection, self.words, self.answers)
        names = in_reason(self.words)
        lines = await erase_lines(connection, self.words, names, self.lines)
        rows["audit_lines"] = len(lines)
        # Without this line, `audit verify` reports each of them.
        subject, after = f"erasure/{erasure_id}", {"erased": list(lines)}
        change = audit_trail.Change("erasures.confirm/erase_person", subject, after=after)
        who = audit_trail.Account(service)
        await audit_trail.write(connection, [(who, change)])
        return rows


class Erasing:
    """What a service does when a person is erased; `people` is the people service."""

    def __init__(
        self,
        service: str,
        texts: FreeTexts,
        people: ServiceClient,
        uow: Callable[[], SqlUnitOfWork],
    ) -> None:
        self._service, self._texts = service, texts
        self._people, self._uow = people, uow

    @property
    def consumer_group(self) -> ConsumerGroup:
        return ConsumerGroup(f"{self._service}.erasures", {PersonErased: self.erase})

    @property
    def confirmations(self) -> Every:
        """The component of a worker that confirms what was erased. Several may run at once."""
        return Every(_SECONDS, self.confirm, "erasures")

    async def erase(self, event: PersonErased, uow: Transaction, _: EventMeta) -> None:
        """Take out what names the person; it is confirmed after the commit.

        Raises Unavailable, or Refused if people does not know the erasure.
        """
        erased = await self._whom(event.erasure_id)
        if erased.person_id is None:  # Every service had confirmed before: this is a repeat.
            return
        rows: dict[str, int] = {}
        if erased.words:
            named = await FoundWords.find(uow.connection, self._texts, Words(erased.words))
            rows = await named.remove(uow.connection, self._service, event.erasure_id)
        note = {"erasure_id": event.erasure_id, "rows": json.dumps(rows)}
        await uow.connection.execute(_NOTE, note)

    async def confirm(self) -> None:
        """Confirm what was erased. One that is not taken is tried again; one that people does not
        know is given up."""
        async with self._uow() as uow:
            unconfirmed = (await uow.connection.execute(_UNCONFIRMED)).all()
        for erasure_id, rows in unconfirmed:
            body = {"service": self._service, "rows": rows}
            path = f"/erasures/{erasure_id}/confirmations"
            try:
                # A key of its own: after a restore it may be other rows, and the first counts.
                await self._people.post(path, body, str(uuid4()))
            except Unavailable as error:
                log.warning("erasure %s is not confirmed yet: %s", erasure_id, error)
                continue
            except Refused as error:
                log.error("erasure %s cannot be confirmed: %s", erasure_id, error)
                if error.code != _UNKNOWN:
                    continue
            async with self._uow() as uow:
                await uow.connection.execute(_CONFIRMED, {"erasure_id": erasure_id})

    async def _whom(self, erasure_id: UUID) -> _Erased:
        """Any refusal but that it is unknown is a fault that a correction will mend."""
        try:
            return _Erased.model_validate(await self._people.get(f"/erasures/{erasure_id}/person"))
        except Refused as error:
            if error.code == _UNKNOWN:
                raise
            raise Unavailable(str(error)) from error
        except ValidationError:  # Not its text, which has names.
            raise Unavailable("people answered something else") from None
