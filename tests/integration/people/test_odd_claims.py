"""Claims of a trusted provider that no program expects."""

from random import Random
from typing import Any

import pytest

from integration.people.platform import Platform


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "a\x00b"},
        {"sub": "\ud800"},
        {"sub": Random(1).randbytes(3_000).hex()},
        {"employee": "x" * 5_000},
        {"employee": "a\x00b"},
        {"employee": "\ud800"},
        {"groups": ["admins", "a\x00b", {"a": 1}, None]},
        {"groups": {"admins": True}},
        {"client_id": {"a": 1}},
    ],
    ids=lambda changes: ascii(changes)[:30],
)
async def test_an_odd_claim_of_a_trusted_provider_makes_nothing_fail(
    platform: Platform, changes: dict[str, Any]
) -> None:
    answer = await platform.ask_for_a_token(platform.region.token(**changes))
    assert answer.status_code in (200, 400), answer.text
    assert answer.is_success or answer.json()["error"] == "invalid_grant"
