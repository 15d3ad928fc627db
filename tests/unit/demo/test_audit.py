"""The independent count: clean when all is well, red for every fault that it must find."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.audit import Check, Evidence, checks, compare
from demo.evidence import Mail, Record
from demo.ledger import OK, UNKNOWN, Attempt
from demo.organisation import Person, Unit

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ROUND = "11111111-1111-4111-8111-111111111111"
OTHER_ROUND = "22222222-2222-4222-8222-222222222222"
MESSAGE = "33333333-3333-4333-8333-333333333333"
UNIT = Unit("rehab", "Rehab", "unit", "", 2)
PEOPLE = [
    Person(f"person-{n}", f"Exempelperson {n}", f"p{n}@example.se", "sv", "employee", "rehab")
    for n in (1, 2)
]


def event(event_type: str, **data: Any) -> Record:
    topic = ".".join(event_type.split(".")[:2])
    return Record(topic, f"{event_type}:{sorted(data.items())}", event_type, NOW, data)


def good() -> Evidence:
    rounds = [
        event(
            "assessment.round.opened.v1",
            round_id=r,
            rollout_id="rollout",
            release_id=o,
            unit_id="rehab",
            occasion=o,
        )
        for r, o in ((ROUND, "baseline"), (OTHER_ROUND, "follow_up"))
    ]
    after = [
        event(f"assessment.{what}.v1", round_id=r)
        for what in ("results.released", "round.anonymised")
        for r in (ROUND, OTHER_ROUND)
    ]
    outside = event("external.wave.started.v1", wave=0)
    records = [
        *rounds,
        *after,
        outside,
        event("workflow.unit.registered.v1", unit_id="rehab"),
        event("workflow.journey.completed.v1", unit_id="rehab"),
        event("content.meeting.held.v1", meeting_id="m"),
        event("content.action.chosen.v1", action_id="a"),
        event("content.action.checked_back.v1", action_id="a"),
    ]
    links = [(r, p.email) for r in (ROUND, OTHER_ROUND) for p in PEOPLE]
    mails = [
        Mail(f"<{MESSAGE[:-1]}{n}@x>", address, "Ny omgång", f"Svara: http://portal/rounds/{link}")
        for n, (link, address) in enumerate(links)
    ]
    records += [
        event("notification.message.sent.v1", message_id=f"{MESSAGE[:-1]}{n}")
        for n in range(len(links))
    ]
    body = {"type": outside.type, "timestamp": NOW.isoformat(), "data": outside.data}
    return Evidence(
        units=[UNIT],
        roster=[(datetime.min.replace(tzinfo=UTC), PEOPLE)],
        ledger=[
            Attempt("answer", f"{ROUND}|person-1", OK, 200, {}),
            Attempt("answer", f"{ROUND}|person-1", OK, 200, {}),  # changed their mind
            Attempt("meeting", "rehab", OK, 201, {"meeting_id": "m"}),
            Attempt("meeting", "rehab", UNKNOWN, 0, {}),
            Attempt("action", "rehab", OK, 201, {"action_id": "a"}),
            Attempt("check_back", "a", OK, 200, {"action_id": "a"}),
        ],
        outbox=[record.id for record in records],
        records=records,
        mails=mails,
        webhooks=[{"webhook_id": "w", "verified": True, "body": body}],
        subscribed_types=frozenset({"external.wave.started.v1"}),
        subscribed_at=NOW - timedelta(seconds=1),
        seen_by_subscriber=[{"id": outside.id, "problems": []}],
        answers_counted={"rollout baseline": 1},
    )


def failing(evidence: Evidence) -> dict[str, tuple[int, int, int]]:
    return {
        check.code: (check.lost, check.duplicates, check.unexpected)
        for check in checks(evidence)
        if not check.clean
    }


def test_a_good_run_is_clean() -> None:
    assert failing(good()) == {}


def test_compare_counts_lost_duplicates_and_unexpected() -> None:
    assert compare("x", "abc", "bbcd") == Check("x", 3, 4, 1, 1, 1)


def without(event_type: str) -> Callable[[Evidence], Evidence]:
    def change(found: Evidence) -> Evidence:
        kept = [r for r in found.records if r.type != event_type]
        return replace(found, records=kept, outbox=[r.id for r in kept])

    return change


FAULTS: list[tuple[str, Callable[[Evidence], Evidence], str, tuple[int, int, int]]] = [
    (
        "an outbox row that never reached Kafka",
        lambda e: replace(e, outbox=[*e.outbox, "gone"]),
        "events_published",
        (1, 0, 0),
    ),
    (
        "an event published twice",
        lambda e: replace(e, records=[*e.records, e.of_type("workflow.unit.registered.v1")[0]]),
        "events_published",
        (0, 1, 0),
    ),
    (
        "an event of a transaction that was rolled back",
        lambda e: replace(e, outbox=e.outbox[1:]),
        "events_published",
        (0, 0, 1),
    ),
    ("a lost mail", lambda e: replace(e, mails=e.mails[1:]), "invitations_mailed", (1, 0, 0)),
    (
        "a mail sent twice",
        lambda e: replace(e, mails=[*e.mails, e.mails[0]]),
        "mails_delivered",
        (0, 1, 0),
    ),
    (
        "an accepted answer that was not counted",
        lambda e: replace(e, answers_counted={}),
        "answers_counted",
        (1, 0, 0),
    ),
    (
        "an answer counted twice",
        lambda e: replace(e, answers_counted={"rollout baseline": 2}),
        "answers_counted",
        (0, 1, 0),
    ),
    ("a lost meeting", without("content.meeting.held.v1"), "meetings", (1, 0, 0)),
    ("a lost check-back", without("content.action.checked_back.v1"), "check_backs", (1, 0, 0)),
    (
        "a unit that got stuck",
        without("workflow.journey.completed.v1"),
        "journeys_completed",
        (1, 0, 0),
    ),
    (
        "a unit that was never published",
        without("workflow.unit.registered.v1"),
        "units_registered",
        (1, 0, 0),
    ),
    (
        "a result never released",
        without("assessment.results.released.v1"),
        "results_released",
        (2, 0, 0),
    ),
    (
        "a key that was kept",
        without("assessment.round.anonymised.v1"),
        "rounds_anonymised",
        (2, 0, 0),
    ),
    (
        "a webhook that never came",
        lambda e: replace(e, webhooks=[]),
        "webhooks_verified",
        (1, 0, 0),
    ),
    (
        "a webhook with a wrong signature",
        lambda e: replace(e, webhooks=[{**e.webhooks[0], "verified": False}]),
        "webhooks_verified",
        (1, 0, 0),
    ),
    (
        "a webhook twice",
        lambda e: replace(e, webhooks=[*e.webhooks, *e.webhooks]),
        "webhooks_verified",
        (0, 1, 0),
    ),
    (
        "an external event that the subscriber could not read",
        lambda e: replace(e, seen_by_subscriber=[{**e.seen_by_subscriber[0], "problems": ["x"]}]),
        "foreign_subscriber",
        (1, 0, 0),
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "counts"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_every_fault_is_found(
    change: Callable[[Evidence], Evidence], code: str, counts: tuple[int, int, int]
) -> None:
    assert failing(change(good()))[code] == counts


def test_invitations_follow_the_roster_of_their_time() -> None:
    later = replace(PEOPLE[0], person_id="person-3", email="p3@example.se")
    found = good()
    changed = replace(found, roster=[*found.roster, (NOW + timedelta(seconds=1), [later])])
    assert failing(changed) == {}
    changed = replace(found, roster=[*found.roster, (NOW - timedelta(seconds=1), [later])])
    assert failing(changed)["invitations_mailed"] == (2, 0, 4)
