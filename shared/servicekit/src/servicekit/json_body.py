"""Refuses JSON that readers understand differently: a name given twice in one object (RFC 7493,
section 2.3), numbers that JSON does not have (RFC 8259, section 6) and other encodings than UTF-8
(section 8.1); and JSON that is nested too deeply, or has a number too long, to be read."""

import asyncio
import json
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, NoReturn

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from servicekit.media_type import is_json

MAX_DEPTH = 100
_IN_THREAD = 64 * 1024
"""Bytes. A larger body is read in a thread: others are served meanwhile."""
_LISTED = 100  # repeated names in a problem


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
        if scope["type"] != "http" or not is_json(Headers(scope=scope).get("content-type", "")):
            await self._app(scope, receive, send)
            return
        body = bytearray()

        async def checked() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            if message["type"] == "http.request" and not message.get("more_body", False):
                if len(body) > _IN_THREAD:
                    await asyncio.to_thread(check, bytes(body))
                else:
                    check(bytes(body))
            return message

        await self._app(scope, checked, send)


class _Object(dict[str, Any]):
    """A JSON object that knows which of its names appear more than once."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        self.repeated: list[str] = []
        if len(self) < len(members):
            counts = Counter(name for name, _ in members)
            self.repeated = [name for name, count in counts.items() if count > 1]


def check(body: bytes) -> None:
    """Raises UnfitJson. A body that is no JSON at all is left to its reader."""
    try:
        document = json.loads(
            _text(body), object_pairs_hook=_Object, parse_float=_number, parse_constant=_no_number
        )
    except json.JSONDecodeError:
        return
    except RecursionError:
        _too_deep()
    except ValueError as error:  # Only a number can be JSON and still not be read.
        digits = sys.get_int_max_str_digits()
        detail = f"A number in the body has more than {digits} digits."
        raise UnfitJson(422, "invalid-request", detail) from error
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:  # Otherwise it cannot be too deep.
        _check_depth(document)
    if pointers := list(islice(_repeated(document, "/body"), _LISTED)):
        detail = "A name may appear once in a JSON object; `errors` lists where."
        raise UnfitJson(422, "invalid-request", detail, pointers)


def _text(body: bytes) -> str:
    encoding = json.detect_encoding(body)
    if not encoding.startswith("utf-8"):
        _malformed(f"it is {encoding[:6].upper()}, and JSON is UTF-8.")
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        _malformed(f"it is not UTF-8 at byte {error.start + 1} (0x{body[error.start]:02X}).")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        detail = f"The number {text[:40]} in the body is too large."
        raise UnfitJson(422, "invalid-request", detail)
    return number


def _no_number(name: str) -> NoReturn:
    _malformed(f"{name} is not a number there.")


def _malformed(why: str) -> NoReturn:
    raise UnfitJson(400, "malformed-json", f"The body is not JSON: {why}")


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        inner = chain.from_iterable(map(_members, level))
        level = [member for member in inner if isinstance(member, dict | list)]
    if level:
        _too_deep()


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _too_deep() -> NoReturn:
    detail = f"The body is nested more than {MAX_DEPTH} deep."
    raise UnfitJson(422, "invalid-request", detail)


def _repeated(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, _Object):
        yield from (f"{pointer}/{_escaped(name)}" for name in value.repeated)
        for name, member in value.items():
            if isinstance(member, dict | list):
                yield from _repeated(member, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _repeated(member, f"{pointer}/{index}")


def _escaped(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")
