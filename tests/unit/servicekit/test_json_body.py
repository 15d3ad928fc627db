"""JSON that two readers could understand differently is refused, and no other."""

import json
import threading
from contextlib import suppress
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from servicekit import json_body
from servicekit.json_body import MAX_DEPTH, JsonCheck, UnfitJson, check

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ('{"a": 1, "a": 1}', ["/body/a"]),
        ('{"name": {"sv": "A", "en": "B", "sv": "C"}}', ["/body/name/sv"]),
        ('[{"a": 1}, {"a/b": 1, "a/b": 2, "~": 1, "~": 2}]', ["/body/1/a~1b", "/body/1/~0"]),
        ('{"a": 1, "\\u0061": 2}', ["/body/a"]),
        ('{"a": {"b": 1, "b": 2}, "a": 3}', ["/body/a"]),
        ('{"\\ud800": 1, "\\ud800": 2}', ["/body/?"]),
    ],
)
def test_a_name_given_twice_is_refused_with_its_place(body: str, pointers: list[str]) -> None:
    with pytest.raises(UnfitJson) as refused:
        check(body.encode())
    assert (refused.value.status_code, refused.value.pointers) == (422, pointers)


@pytest.mark.parametrize("body", ['{"a": NaN}', "[Infinity]", "-Infinity"])
def test_numbers_that_json_does_not_have_are_refused(body: str) -> None:
    with pytest.raises(UnfitJson) as refused:
        check(body.encode())
    assert (refused.value.status_code, refused.value.code) == (400, "malformed-json")


@pytest.mark.parametrize("body", ["1e999", '{"a": [-1e400]}'])
def test_a_number_that_no_reader_can_hold_is_refused_by_its_name(body: str) -> None:
    with pytest.raises(UnfitJson, match="is too large") as refused:
        check(body.encode())
    assert (refused.value.status_code, refused.value.code) == (422, "invalid-request")


@given(VALUES)
def test_any_other_json_is_accepted(value: Any) -> None:
    check(json.dumps(value).encode())


@given(st.binary())
def test_what_is_no_json_is_left_to_its_reader(body: bytes) -> None:
    with suppress(UnfitJson):
        check(body)


@pytest.mark.timeout(60)
def test_a_body_of_many_names_is_checked_in_one_pass() -> None:
    names = [f'"{number}": 0' for number in range(200_000)]
    check(f"{{{', '.join(names)}}}".encode())
    with pytest.raises(UnfitJson) as refused:
        check(f"{{{', '.join(names + names)}}}".encode())
    assert len(refused.value.pointers) == 100


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('{"a": "å"}'.encode("cp1252"), "not UTF-8 at byte 8 (0xE5)"),
        (b'\xef\xbb\xbf"\xff"', "not UTF-8 at byte 5 (0xFF)"),
        (b'"\xed\xa0\x80"', "not UTF-8 at byte 2"),
        *[('{"a": 1}'.encode(each), "it is UTF-16") for each in ("utf-16", "utf-16-le")],
        ('{"a": 1}'.encode("utf-32"), "it is UTF-32"),
    ],
)
def test_json_is_utf_8(body: bytes, says: str) -> None:
    with pytest.raises(UnfitJson) as refused:
        check(body)
    assert (refused.value.status_code, refused.value.code) == (400, "malformed-json")
    assert says in refused.value.detail


@pytest.mark.parametrize("opened", ["[", '{"a":'])
@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 100_000])
def test_json_that_is_nested_too_deeply_is_refused(opened: str, depth: int) -> None:
    closed = "]" if opened == "[" else "}"
    check((opened * MAX_DEPTH + "0" + closed * MAX_DEPTH).encode())
    with pytest.raises(UnfitJson, match="nested more than 100 deep"):
        check((opened * depth + "0" + closed * depth).encode())


def test_a_number_of_too_many_digits_is_refused() -> None:
    with pytest.raises(UnfitJson, match="more than 4300 digits"):
        check(b"[" + b"9" * 5_000 + b"]")


def api() -> FastAPI:
    app = FastAPI()
    app.add_middleware(JsonCheck)

    @app.post("/")
    async def post(body: dict[str, Any]) -> dict[str, Any]:
        return body

    return app


async def status(content: bytes, kind: str) -> int:
    transport = httpx.ASGITransport(api())
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/", content=content, headers={"content-type": kind})
        return answer.status_code


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/merge-patch+json",
        "application/vnd.other+JSON",
    ],
)
async def test_whatever_is_read_as_json_is_checked(kind: str) -> None:
    assert await status(b'{"a": 1}', kind) == 200
    assert await status(b'{"a": 1, "a": 2}', kind) == 422
    assert await status(b'{"a": NaN}', kind) == 400


@pytest.mark.parametrize(("size", "in_thread"), [(10, False), (100_000, True)])
async def test_a_large_body_is_read_in_a_thread(
    size: int, in_thread: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(json_body, "check", lambda _: threads.append(threading.current_thread()))
    assert await status(b'{"a": "' + b"x" * size + b'"}', "application/json") == 200
    assert [thread is not threading.main_thread() for thread in threads] == [in_thread]
