"""Erasing somebody from one service: what people answers it, and what is searched afterwards."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import uuid4

from contracts.people import PersonErased
from servicekit.audit_verify import compared
from servicekit.consumer_group import EventMeta
from servicekit.db import SqlUnitOfWork, create_engine
from servicekit.erasing import Erasing
from servicekit.free_texts import FreeTexts
from servicekit.service_client import ServiceClient
from servicekit.settings import Database

NAME = "Åsa Exempel"
WORDS = (NAME, "p-0777", "asa@example.se")
NAMED = f"{NAME}, {WORDS[1]} or {WORDS[2].upper()}: ask {NAME}s deputy"
"""A text that names her in every way."""
UNNAMED = "[…], […] or […]: ask […] deputy"


class People:
    """The people service, as far as an erasure needs it."""

    def __init__(self) -> None:
        self.confirmed: list[dict[str, Any]] = []
        self.words: Sequence[str] = WORDS

    async def get(self, path: str, **_: str) -> dict[str, Any]:
        return {"person_id": "p-0777", "words": list(self.words)}

    async def post(self, path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
        self.confirmed.append(body)
        return {}


async def erase(
    service: str, texts: FreeTexts, uow: Callable[[], SqlUnitOfWork], people: People | None = None
) -> dict[str, int]:
    """Erase her as the event does, and confirm it; the rows by table."""
    people = people or People()
    erasing = Erasing(service, texts, cast(ServiceClient, people), uow)
    event = PersonErased(erasure_id=uuid4())
    meta = EventMeta(uuid4(), event.TYPE, datetime.now(UTC), None)
    async with uow() as tx:
        await erasing.erase(event, tx, meta)
    for _ in range(2):
        await erasing.confirm()
    (confirmed,) = people.confirmed
    assert confirmed["service"] == service
    rows: dict[str, int] = confirmed["rows"]
    return rows


async def assert_whole(database: Database, erased: int) -> None:
    """The audit trail is whole, with so many lines without details."""
    engine = create_engine(database)
    try:
        report = await compared(engine, {}, [], keep_days=3650)
    finally:
        await engine.dispose()
    assert (report.faults, report.erased) == ((), erased)
