"""A file between its preview and its import."""

import base64
import zlib
from typing import Any

import pytest

from portal_service.domain.upload import LARGEST, LARGEST_FORM, Fault, Upload, faults_of, unpacked


@pytest.mark.parametrize("content", [b"a", bytes(range(256)), b"\r\n\xef\xbb\xbf", b"x" * LARGEST])
def test_a_file_comes_back_as_it_was(content: bytes) -> None:
    assert unpacked(Upload(content).packed()) == Upload(content)


def test_the_largest_file_fits_in_a_form() -> None:
    incompressible = b"".join(
        zlib.crc32(bytes([n % 251, n // 251 % 251, n // 63001])).to_bytes(4)
        for n in range(LARGEST // 4)
    )
    assert len(Upload(incompressible).packed()) < LARGEST_FORM


def packed(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "é", "====", packed(b""), packed(b"no zlib"), packed(zlib.compress(b""))),
        packed(zlib.compress(b"cut off" * 99)[:-9]),
        packed(zlib.compress(b"\0" * (LARGEST + 1))),
        packed(zlib.compress(b"\0" * 500_000_000, 1))[:2_000_000],
    ],
)
def test_what_is_no_packed_file_is_none(text: str) -> None:
    assert unpacked(text) is None


def test_a_file_is_what_it_begins_with() -> None:
    assert Upload(b"PK\x03\x04...").media_type.endswith("spreadsheetml.sheet")
    assert Upload(b"unit_id;name").media_type == "text/csv"


def test_faults_say_where_they_are() -> None:
    errors: list[dict[str, Any]] = [
        {"pointer": "/body/rows/12/email", "code": "a", "parameters": {"n": "1"}},
        {"pointer": "/rows/3", "code": "b"},
        {"pointer": "/rows", "code": "c"},
        {"pointer": "/rows/x/y", "code": "d"},
        {},
    ]
    assert faults_of(errors) == [
        Fault(12, "email", "a", {"n": "1"}),
        Fault(3, "", "b", {}),
        Fault(None, "", "c", {}),
        Fault(None, "y", "d", {}),
        Fault(None, "", "", {}),
    ]
