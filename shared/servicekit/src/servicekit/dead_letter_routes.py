"""HTTP: the dead letters of a service's consumer groups, for operators.

Kafka cannot take part in a transaction. The line in the audit trail is committed first, while
nobody else handles the group's letters; then they are sent again or discarded. After a crash in
between a line names a letter that still waits: it is handled once more, with another line, or by
the same request again. So no letter is lost, and none is handled without a line.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from servicekit.access import may
from servicekit.auth import Principal
from servicekit.db import Transaction
from servicekit.dead_letter_record import original
from servicekit.dead_letter_topic import (
    CannotHandle,
    Description,
    alone,
    describe,
    groups,
    waiting,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery
from servicekit.problems import ProblemError
from servicekit.request_body import RequestBody
from servicekit.settings import Kafka
from servicekit.text import Prose
from servicekit.topic_reader import TopicUnreadable

T = TypeVar("T")
Reader = Annotated[Principal, may("dead_letters.read")]
Handler = Annotated[Principal, may("dead_letters.handle")]
Offset = Annotated[int, Field(ge=0, le=10**12, examples=[17])]
GROUP_PATTERN = r"^[A-Za-z0-9._-]+$"
Group = Annotated[str, Path(max_length=200, pattern=GROUP_PATTERN, examples=["content.units"])]
_SECONDS = 7  # Callers wait somewhat longer.
_AT_ONCE = 100
_GROUP = "content.units"


class DeadLetterBody(BaseModel):
    """An event that a consumer group could not take. Its content is never shown."""

    group: str = Field(description="The consumer group.", examples=[_GROUP])
    offset: Offset
    origin: str = Field(
        description="`<topic>/<partition>/<offset>` where it was first read; the log names it.",
        examples=["workflow.unit/3/1204"],
    )
    type: str = Field(
        description="Of the event; `unreadable` if it has none.",
        examples=["workflow.unit.changed.v1"],
    )
    error: str = Field(description="The class of the exception.", examples=["DomainError"])
    code: str = Field(
        description="Of the refusal by the domain, or empty.", examples=["unit-unknown"]
    )
    attempts: str = Field(description="How often it was tried.", examples=["3"])
    at: datetime = Field(description="When it was put aside, by Kafka's clock.")


class LettersBody(RequestBody):
    """Which dead letters of the group."""

    offsets: list[Offset] = Field(min_length=1, max_length=_AT_ONCE)


class DiscardBody(LettersBody):
    """Which dead letters of the group, and why they are not needed."""

    reason: Prose = Field(
        max_length=500,
        description="Why; the audit trail keeps it. Name nobody.",
        examples=["The unit was removed before it was ever used."],
    )


class HandledBody(BaseModel):
    """The dead letters that do not wait any more."""

    offsets: list[Offset]


def dead_letter_router(owner: str, kafka: Kafka) -> APIRouter:
    """`/dead-letters` of the service whose consumer groups' names begin with `owner`."""
    router = APIRouter(tags=["dead letters"])

    @router.get("/dead-letters", response_description="One page of dead letters.")
    async def list_dead_letters(
        request: Request,
        caller: Reader,
        page: PageQuery,
        group: Annotated[str | None, Query(max_length=200, pattern=GROUP_PATTERN)] = None,
    ) -> Page[DeadLetterBody]:
        """The events that this service's consumer groups could not take, oldest first."""
        found = await _answered(_described(kafka, owner, group))
        part = found[page.offset : page.offset + page.limit]
        return page.holding([DeadLetterBody(**asdict(one)) for one in part], len(found))

    @router.get("/dead-letters/{group}/{offset}", response_description="The dead letter.")
    async def show_dead_letter(
        request: Request,
        caller: Reader,
        group: Group,
        offset: Annotated[int, Path(ge=0, le=10**12)],
    ) -> DeadLetterBody:
        """One dead letter, while it waits."""
        for one in await _answered(_described(kafka, owner, group)):
            if one.offset == offset:
                return DeadLetterBody(**asdict(one))
        raise ProblemError(404, "dead-letter-unknown", f"No letter {offset} of {group} waits.")

    @router.post(
        "/dead-letters/{group}/redrive",
        response_model=HandledBody,
        response_description="They were sent; those that fail again are listed again.",
    )
    async def redrive_dead_letters(
        request: Request,
        caller: Handler,
        key: IdempotencyKey,
        group: Group,
        body: LettersBody,
    ) -> Response:
        """Send dead letters to their group again. Each takes effect once."""
        work = _handle(request, caller, key, (kafka, owner, group), body)
        return await _answered(work)

    @router.post(
        "/dead-letters/{group}/discard",
        response_model=HandledBody,
        response_description="They do not wait any more.",
    )
    async def discard_dead_letters(
        request: Request,
        caller: Handler,
        key: IdempotencyKey,
        group: Group,
        body: DiscardBody,
    ) -> Response:
        """Discard dead letters for good, with a reason."""
        work = _handle(request, caller, key, (kafka, owner, group), body, body.reason)
        return await _answered(work)

    return router


async def _described(kafka: Kafka, owner: str, group: str | None) -> list[Description]:
    known = await groups(kafka, owner)
    chosen = [one for one in known if group in (None, one)]
    found = [describe(letter) for letter in await waiting(kafka, chosen)]
    return sorted(found, key=lambda one: (one.at, one.group, one.offset))


async def _handle(
    request: Request,
    caller: Principal,
    key: IdempotencyKey,
    place: tuple[Kafka, str, str],
    body: LettersBody,
    reason: str = "",
) -> Response:
    """Discard them if there is a reason to, else send them again. The same request again goes on
    with those that still wait."""
    kafka, owner, group = place
    if group not in await groups(kafka, owner):
        raise ProblemError(404, "dead-letter-unknown", f"There are no dead letters of {group}.")
    offsets = sorted(set(body.offsets))
    async with alone(kafka, group) as letters:
        chosen = {one.offset: one for one in letters.waiting if one.offset in offsets}
        async with _uow(request).by(caller) as uow:

            async def produce() -> HandledBody:
                if missing := [str(one) for one in offsets if one not in chosen]:
                    detail = f"These do not wait any more: {', '.join(missing)}. Nothing was done."
                    raise ProblemError(409, "dead-letter-handled", detail)
                for offset, letter in chosen.items():
                    if not reason:
                        _check(letter)
                    seen = describe(letter)
                    what = {"origin": seen.origin, "type": seen.type, "error": seen.error}
                    action = "discard" if reason else "redrive"
                    uow.audit(
                        f"dead_letters.handle/{action}_dead_letters",
                        f"dead-letter/{group}/{offset}",
                        before=what,
                        reason=reason,
                    )
                return HandledBody(offsets=offsets)

            answer = await idempotent(uow, key, produce)
        done = letters.discard if reason else letters.send_again
        for letter in chosen.values():
            await done(letter)
    return answer


def _check(letter: Any) -> None:
    try:
        original(letter)
    except ValueError as error:
        raise ProblemError(409, "dead-letter-foreign", f"{error}: discard it.") from error


async def _answered(work: Coroutine[Any, Any, T]) -> T:
    """What comes of work with Kafka. Raises ProblemError 503 if Kafka does not answer in time."""
    task = asyncio.create_task(work)
    try:
        await asyncio.wait({task}, timeout=_SECONDS)
        if not task.done():
            # Not waited for: to end a connection also takes as long as Kafka is given.
            task.cancel()
            raise TopicUnreadable("no answer in time")
        return task.result()
    except CannotHandle as error:
        raise ProblemError(
            409, "dead-letters-in-use", f"{error}. Try again in a moment."
        ) from error
    except TopicUnreadable as error:
        detail = "Kafka does not answer. No dead letter is lost: look at the list again later."
        raise ProblemError(503, "kafka-unavailable", detail, {"retry-after": "5"}) from error


def _uow(request: Request) -> Transaction:
    uow: Transaction = request.app.state.app.uow()
    return uow
