"""What the store cannot hold is refused at the edge, with its place."""

from typing import Any

import pytest

from integration.workflow.programme import Programme

TOO_LARGE = 2**31


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": "a\0b"}, "/body/name"),
        ({"template_id": "um\0"}, "/body/template_id"),
        ({"template_version": 2**40}, "/body/template_version"),
        ({"pilot_unit_ids": ["pilot-a\0"]}, "/body/pilot_unit_ids/0"),
        ({"unit_ids": ["unit-a\0"]}, "/body/unit_ids/0"),
    ],
)
async def test_a_rollout_that_cannot_be_stored(
    programme: Programme, changes: dict[str, Any], pointer: str
) -> None:
    answer = await programme.create(**changes)
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_no_wave_has_such_a_number(programme: Programme) -> None:
    path = f"/rollouts/{programme.rollout_id}/journeys?wave={TOO_LARGE}"
    assert (await programme.call("administrator", "GET", path)).status_code == 422
