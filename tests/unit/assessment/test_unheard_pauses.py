"""What the workflow service says when asked, and the events that come before or after it, count
once together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any, cast
from uuid import uuid4

import pytest

from assessment_service.adapters.workflow import HttpWorkflow
from assessment_service.application.ports import PausesUnknownError
from assessment_service.domain import closing_time
from assessment_service.domain.pauses import Mark, pauses_of, unheard
from servicekit.service_client import Refused, ServiceClient, Unavailable
from unit.assessment.builders import NOW, ROLLOUT, a_round, release

HOUR = timedelta(hours=1)
# An event is dated when it is written, a moment after what it reports.
LATER = timedelta(milliseconds=3)
CLOSES = a_round(release()).closes_at


def at(hours: float) -> datetime:
    return NOW + hours * HOUR


def asked(hours: float, paused: bool, unit_id: str | None = "ward") -> Mark:
    return Mark(ROLLOUT, unit_id, at(hours), paused)


def event(hours: float, paused: bool, unit_id: str | None = "ward") -> Mark:
    return Mark(ROLLOUT, unit_id, at(hours) + LATER, paused)


def test_what_no_event_has_told_is_missing() -> None:
    reported = [asked(1, True), asked(4, False)]
    assert unheard(reported[:1], []) == reported[:1]
    assert unheard(reported, []) == reported
    assert unheard([], [event(1, True)]) == []


def test_what_an_event_has_told_is_not_missing() -> None:
    reported = [asked(1, True), asked(4, False), asked(6, True), asked(8, False)]
    heard = [event(1, True), event(4, False), event(6, True)]
    assert unheard(reported[:3], heard) == []
    assert unheard(reported, heard) == reported[3:]
    assert unheard(reported, heard[:2]) == reported[2:]
    assert unheard(reported, heard[1:]) == reported[:1] + reported[3:]


def test_a_pause_of_the_unit_is_not_one_of_its_rollout_or_of_another_unit() -> None:
    assert unheard([asked(1, True)], [event(1, True, None)]) == [asked(1, True)]
    assert unheard([asked(1, True, None)], [event(1, True)]) == [asked(1, True, None)]
    assert unheard([asked(1, True, "clinic")], [event(1, True)]) == [asked(1, True, "clinic")]


EVENTS = [
    *(event(1, True), event(4, False)),
    *(event(2, True, None), event(6, False, None)),
    *(event(8, True), event(9, False)),
]
REPORTED = [
    *(asked(2, True, None), asked(6, False, None)),
    *(asked(1, True), asked(4, False), asked(8, True), asked(9, False)),
]


@pytest.mark.parametrize("heard", [c for n in range(7) for c in combinations(EVENTS, n)])
def test_a_pause_counts_once_whichever_events_came_before_the_question(
    heard: Sequence[Mark],
) -> None:
    marks = list(heard)
    marks += unheard(REPORTED, marks)
    assert unheard(REPORTED, marks) == []
    before, _ = closing_time.hold(a_round(release()), pauses_of("ward", marks))
    assert abs(before.closes_at - (CLOSES + 6 * HOUR)) <= 3 * LATER
    then, _ = closing_time.hold(before, pauses_of("ward", [*marks, *EVENTS]))
    assert abs(then.closes_at - before.closes_at) <= 3 * LATER
    assert then.held_since is None


def test_asking_moves_no_closing_time_that_events_have_set() -> None:
    heard, _ = closing_time.hold(a_round(release()), pauses_of("ward", EVENTS))
    marks = [*EVENTS, *unheard(REPORTED, EVENTS)]
    assert closing_time.hold(heard, pauses_of("ward", marks)) == (heard, None)


class Client:
    """Answers what the test says, or raises it."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def get(self, path: str) -> Any:
        assert path == "/pauses"
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.mark.parametrize(
    "answer",
    [
        Unavailable("away"),
        Refused(403, "role-missing", "No."),
        TimeoutError(),
        {},
        [],
        {"pauses": [{"rollout_id": "x", "unit_id": None, "since": "2026-01-01", "until": None}]},
        {"pauses": [{"rollout_id": str(uuid4()), "unit_id": None, "since": "x", "until": None}]},
        {"pauses": [{"rollout_id": str(uuid4()), "unit_id": None, "since": None, "until": None}]},
    ],
)
async def test_no_usable_answer_is_no_answer(answer: Any) -> None:
    with pytest.raises(PausesUnknownError):
        await HttpWorkflow(cast(ServiceClient, Client(answer))).pauses()
