"""A service's audit trail as tests look at it, and which operations of an API leave lines in it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import asyncpg
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from servicekit.access import permission_of
from servicekit.settings import Database

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
NOT_NOTED = {
    *("rounds.answer/put_answer", "questions.ask/ask_question", "open/exchange_token"),
    *("templates.publish/check_template", "rounds.remind/find_subjects_without_answer"),
}
"""Nothing says that a person answered, or for ever who asked what. A token is issued to everybody
every ten minutes; of that, a line has only whose an identity became. A check changes nothing. Who
has not answered may be asked, and nothing of it is kept."""

EVERYWHERE = {f"dead_letters.handle/{done}_dead_letters" for done in ("redrive", "discard")}
"""Servicekit's: tests/integration/servicekit/test_dead_letter_routes.py looks at their lines."""


class Line(NamedTuple):
    """One line, as far as a test compares it."""

    account: str
    action: str
    subject: str
    before: Any
    after: Any
    reason: str


class Trail:
    """The lines of a database. `new` returns those that came since it was asked last."""

    def __init__(self, database: Database) -> None:
        self._dsn = database.dsn.get_secret_value()
        self._seen = 0
        self.actions: set[str] = set()

    async def new(self) -> list[Line]:
        connection = await asyncpg.connect(self._dsn)
        try:
            query = "select * from audit_lines where seq > $1 order by seq"
            rows = await connection.fetch(query, self._seen)
        finally:
            await connection.close()
        self._seen += len(rows)
        lines = [_line(row) for row in rows]
        self.actions |= {line.action for line in lines}
        return lines

    async def one(self) -> Line:
        """The only new line."""
        (line,) = await self.new()
        return line


def _line(row: asyncpg.Record) -> Line:
    details = json.loads(row["details"])
    assert details["subject"] == row["subject"]
    said = (details["before"], details["after"], details["reason"])
    return Line(row["account"], row["action"], row["subject"], *said)


def changing_routes(api: FastAPI) -> Iterator[tuple[str, APIRoute]]:
    """`<permission>/<operation>` and the route, of each that changes something."""
    for context in iter_route_contexts(api.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and (route.methods or set()) & CHANGING:
            permission = permission_of(route.dependant)
            yield f"{permission.name if permission else 'open'}/{route.name}", route


def noted_actions(api: FastAPI) -> set[str]:
    """Every action that lines of this API's trail can name."""
    return {action for action, _ in changing_routes(api)} - NOT_NOTED - EVERYWHERE
