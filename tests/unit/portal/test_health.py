"""What is to look at, and what is not."""

from typing import Any

import pytest

from portal_service.domain.health import Finding, health_of
from portal_service.domain.health_texts import BACKLOGS, FINDINGS
from unit.portal.operation_answers import (
    BEFORE,
    NOW,
    backlog,
    group,
    operation,
    process,
    server,
    troubled,
)


def findings(**changes: Any) -> list[Finding]:
    return list(health_of({"content": operation(**changes)}).findings)


def test_nothing_is_to_look_at_while_everything_works() -> None:
    health = health_of({"content": operation()})
    assert list(health.findings) == []
    assert [(one.name, one.state) for one in health.processes] == [
        ("content-api", "works"),
        ("content-worker", "works"),
    ]
    assert [(one.name, one.state, one.seen_by) for one in health.servers] == [
        ("kafka", "works", 2),
        ("postgresql", "works", 2),
    ]


def test_a_service_that_does_not_answer_hides_no_other() -> None:
    health = health_of({"content": operation(), "people": None})
    assert list(health.findings) == [Finding("service_away", ("people",))]
    assert [one.service for one in health.figures] == ["content"]


def test_a_process_that_is_away_is_one_finding_and_one_that_was_replaced_none() -> None:
    gone = process(state="away", seen_at=BEFORE)
    assert findings(processes=[gone], roles_without_process=["api", "worker"]) == [
        Finding("process_away", ("content-worker", "host-1/4711"), BEFORE),
        Finding("no_process", ("content-api",)),
    ]
    health = health_of({"content": operation(processes=[process(state="replaced"), process()])})
    assert list(health.findings) == []
    assert [one.restarts for one in health.processes] == [1]


def test_a_server_is_away_for_those_that_do_not_reach_it() -> None:
    cut_off = process(servers=[server("kafka", BEFORE), server("postgresql")])
    health = health_of({"content": operation(processes=[process("content-api"), cut_off])})
    assert list(health.findings) == [Finding("server_away", ("kafka", "content-worker"), BEFORE)]
    states = {one.name: one.state for one in health.servers}
    assert states == {"kafka": "limited", "postgresql": "works"}
    assert [one.state for one in health.processes] == ["works", "limited"]
    health = health_of({"content": operation(processes=[cut_off])})
    assert health.servers[0].state == "away"


def test_what_a_process_saw_before_it_went_away_says_nothing() -> None:
    gone = process(state="away", servers=[server("kafka", BEFORE)])
    assert [one.kind for one in findings(processes=[gone])] == ["process_away"]


@pytest.mark.parametrize(
    ("waiting", "kinds"),
    [
        (backlog("outbox", 5, "2026-09-01T07:59:01Z"), []),
        (backlog("outbox", 5, "2026-09-01T07:58:59Z"), ["outbox"]),
        (backlog("mails", 5, "2026-09-01T07:46:00Z"), []),
        (backlog("mails", 5, "2026-09-01T07:44:00Z"), ["mails"]),
        (backlog("stuck_journeys"), []),
        (backlog("stuck_journeys", 1), ["stuck_journeys"]),
        (backlog("self_test_findings"), []),
        (backlog("self_test_findings", 1), ["self_test_findings"]),
        (backlog("releases_unchecked", 1, "2026-09-01T07:31:00Z"), []),
        (backlog("releases_unchecked", 1, "2026-09-01T07:29:00Z"), ["releases_unchecked"]),
        (backlog("rounds_held", 9, "2026-01-01T00:00:00Z"), []),
        (backlog("waiting_waves", 1, "2026-01-01T00:00:00Z"), []),
    ],
)
def test_what_waits_is_looked_at_after_its_time(waiting: dict[str, Any], kinds: list[str]) -> None:
    assert [one.kind for one in findings(backlogs=[waiting])] == kinds


def test_a_group_behind_is_to_look_at_after_a_minute() -> None:
    assert findings(groups=[group(seconds=59.0, records=4000)]) == []
    assert findings(groups=[group(seconds=61.0)]) == [
        Finding("behind", ("content.units",), count=61)
    ]


def test_a_group_that_nobody_reads_for_unless_the_worker_has_just_started() -> None:
    nobody = [group(partitions=0)]
    assert [one.kind for one in findings(groups=nobody)] == ["unread"]
    assert findings(groups=nobody, processes=[process(started_at=NOW)]) == []


def test_figures_of_a_service_are_known_if_all_are() -> None:
    [known] = health_of({"content": operation(groups=[group(records=2), group(records=3)])}).figures
    assert (known.records, known.handled, known.dead_letters) == (5, 24, 0)
    [part] = health_of({"content": operation(groups=[group(), group(records=None)])}).figures
    assert (part.records, part.seconds) == (None, 0)
    [none] = health_of({"portal": operation(groups=[], backlogs=[])}).figures
    assert (none.records, none.outbox) == (None, None)


def test_every_kind_has_its_text() -> None:
    health = health_of({"content": troubled(), "people": None})
    assert {one.kind for one in health.findings} == FINDINGS.keys()
    assert {one["kind"] for one in health.figures[0].others} == BACKLOGS.keys()
