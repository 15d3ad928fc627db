"""Refuses JSON that readers understand differently: a name given twice in one object (RFC 7493,
section 2.3), and numbers that JSON does not have (RFC 8259, section 6)."""

import json
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_JSON = (b"application/json", b"application/problem+json", b"application/cloudevents+json")


class UnfitJson(HTTPException):
    """`pointers` are those of names that appear twice."""

    def __init__(self, status: int, code: str, detail: str, pointers: Sequence[str] = ()) -> None:
        super().__init__(status, detail)
        self.code, self.pointers = code, pointers


class JsonCheck:
    """Reads a JSON body along with the application, and raises UnfitJson at its end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        kind = dict(scope.get("headers", ())).get(b"content-type", b"").lower()
        if not kind.startswith(_JSON):
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def checked() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if message["type"] == "http.request" and not message.get("more_body", False):
                check(bytes(body))
            return message

        await self._app(scope, checked, send)


class _Object(dict[str, Any]):
    """A JSON object that knows which of its names appear more than once."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        names = [name for name, _ in members]
        self.repeated = [name for name in self if len(self) < len(names) and names.count(name) > 1]


def check(body: bytes) -> None:
    """Raises UnfitJson. A body that is no JSON at all is left to its reader."""
    try:
        document = json.loads(body, object_pairs_hook=_Object, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return
    if pointers := list(_repeated(document, "/body")):
        detail = "A name may appear once in a JSON object; `errors` lists where."
        raise UnfitJson(422, "invalid-request", detail, pointers)


def _no_number(name: str) -> NoReturn:
    detail = f"The body is not JSON: {name} is not a number there."
    raise UnfitJson(400, "malformed-json", detail)


def _repeated(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, _Object):
        yield from (f"{pointer}/{_escaped(name)}" for name in value.repeated)
        for name, member in value.items():
            yield from _repeated(member, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _repeated(member, f"{pointer}/{index}")


def _escaped(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")
