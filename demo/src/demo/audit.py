"""The independent count: was everything that was asked for done, once?

Pure functions over evidence. Each check compares what must be there with what is there; no
check relies on what the platform reports about itself.
"""

import json
import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from demo.evidence import Mail, Record
from demo.ledger import OK, Attempt
from demo.organisation import Person, Unit, leaves

OCCASIONS = ("baseline", "follow_up")
_ROUND_LINK = re.compile(r"/rounds/([0-9a-f-]{36})")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Check:
    """One comparison. All three of lost, duplicates and unexpected should be 0."""

    code: str
    asked: int
    found: int
    lost: int
    duplicates: int
    unexpected: int

    @property
    def clean(self) -> bool:
        return not (self.lost or self.duplicates or self.unexpected)


@dataclass(frozen=True)
class Evidence:
    """Everything that was read. `roster`: the assignments, each valid from a time on."""

    units: Sequence[Unit]
    roster: Sequence[tuple[datetime, Sequence[Person]]]
    ledger: Sequence[Attempt]
    outbox: Sequence[str]
    records: Sequence[Record]
    mails: Sequence[Mail]
    webhooks: Sequence[Mapping[str, Any]]
    subscribed_types: frozenset[str]
    subscribed_at: datetime
    seen_by_subscriber: Sequence[Mapping[str, Any]]
    answers_counted: Mapping[str, int]

    def of_type(self, event_type: str) -> list[Record]:
        return [record for record in self.records if record.type == event_type]

    def external(self) -> list[Record]:
        return [record for record in self.records if record.topic.startswith("external.")]


def compare(code: str, asked: Iterable[Hashable], found: Iterable[Hashable]) -> Check:
    """Compare what must be there (each once) with what is there."""
    wanted, there = set(asked), Counter(found)
    return Check(
        code=code,
        asked=len(wanted),
        found=there.total(),
        lost=len(wanted - there.keys()),
        duplicates=sum(count - 1 for count in there.values()),
        unexpected=len(there.keys() - wanted),
    )


def checks(evidence: Evidence) -> list[Check]:
    """Every comparison, from the organisation file to the subscribers."""
    return [
        compare("events_published", evidence.outbox, (r.id for r in evidence.records)),
        _units(evidence),
        _rounds(evidence),
        _after_round(evidence, "results_released", "assessment.results.released.v1"),
        _after_round(evidence, "rounds_anonymised", "assessment.round.anonymised.v1"),
        _invitations(evidence),
        _answers(evidence),
        _by_ledger(evidence, "meeting", "content.meeting.held.v1", "meeting_id"),
        _by_ledger(evidence, "action", "content.action.chosen.v1", "action_id"),
        _by_ledger(evidence, "check_back", "content.action.checked_back.v1", "action_id"),
        _journeys(evidence),
        _mails(evidence),
        _webhooks(evidence),
        compare(
            "foreign_subscriber",
            (r.id for r in evidence.external()),
            (event["id"] for event in evidence.seen_by_subscriber if not event["problems"]),
        ),
    ]


def _units(evidence: Evidence) -> Check:
    registered = (r.data["unit_id"] for r in evidence.of_type("workflow.unit.registered.v1"))
    return compare("units_registered", (unit.unit_id for unit in evidence.units), registered)


def _rounds(evidence: Evidence) -> Check:
    members = leaves(evidence.units)
    asked = ((unit.unit_id, occasion) for unit in members for occasion in OCCASIONS)
    opened = evidence.of_type("assessment.round.opened.v1")
    return compare(
        "rounds_opened", asked, ((r.data["unit_id"], r.data["occasion"]) for r in opened)
    )


def _after_round(evidence: Evidence, code: str, event_type: str) -> Check:
    """What must follow every round, once."""
    opened = (r.data["round_id"] for r in evidence.of_type("assessment.round.opened.v1"))
    return compare(code, opened, (r.data["round_id"] for r in evidence.of_type(event_type)))


def _invitations(evidence: Evidence) -> Check:
    """Everyone of the unit as it was when the round opened, by address; once in a release."""
    asked, release_of = set(), {}
    for opened in evidence.of_type("assessment.round.opened.v1"):
        valid = [rows for since, rows in evidence.roster if since <= opened.time]
        release_id, unit_id = opened.data["release_id"], opened.data["unit_id"]
        release_of[opened.data["round_id"]] = release_id
        asked |= {(release_id, row.email) for row in valid[-1] if row.unit_id == unit_id}
    found = (
        (release_of.get(link.group(1), "a round without an event"), mail.recipient)
        for mail in evidence.mails
        if (link := _ROUND_LINK.search(mail.text))
    )
    return compare("invitations_mailed", asked, found)


def _answers(evidence: Evidence) -> Check:
    """Accepted answers per rollout and occasion against those its results count. Nobody can see
    whose."""
    opened = evidence.of_type("assessment.round.opened.v1")
    occasion_of = {
        r.data["round_id"]: f"{r.data['rollout_id']} {r.data['occasion']}" for r in opened
    }
    accepted = Counter(
        occasion_of.get(about.partition("|")[0], "a round without an event")
        for about in {a.key for a in evidence.ledger if a.kind == "answer" and a.outcome == OK}
    )
    counted = Counter(evidence.answers_counted)
    return Check(
        code="answers_counted",
        asked=accepted.total(),
        found=counted.total(),
        lost=(accepted - counted).total(),
        duplicates=(counted - accepted).total(),
        unexpected=0,
    )


def _by_ledger(evidence: Evidence, kind: str, event_type: str, field: str) -> Check:
    asked = (a.answer[field] for a in evidence.ledger if a.kind == kind and a.outcome == OK)
    return compare(f"{kind}s", asked, (r.data[field] for r in evidence.of_type(event_type)))


def _journeys(evidence: Evidence) -> Check:
    completed = evidence.of_type("workflow.journey.completed.v1")
    asked = (unit.unit_id for unit in leaves(evidence.units))
    return compare("journeys_completed", asked, (r.data["unit_id"] for r in completed))


def _mails(evidence: Evidence) -> Check:
    """Each message reported as sent is one mail: its Message-ID holds the message's id."""
    sent = (r.data["message_id"] for r in evidence.of_type("notification.message.sent.v1"))
    return compare("mails_delivered", sent, (_first_id(m.message_id) for m in evidence.mails))


def _first_id(text: str) -> str:
    found = _UUID.search(text)
    return found.group() if found else text


def _webhooks(evidence: Evidence) -> Check:
    """Each external event after the subscription is one verified webhook, by what it says."""
    asked = (
        _said(r.type, r.time, r.data)
        for r in evidence.external()
        if r.type in evidence.subscribed_types and r.time >= evidence.subscribed_at
    )
    bodies = (hook["body"] for hook in evidence.webhooks if hook["verified"])
    found = (_said(b["type"], datetime.fromisoformat(b["timestamp"]), b["data"]) for b in bodies)
    return compare("webhooks_verified", asked, found)


def _said(event_type: str, time: datetime, data: Any) -> tuple[str, datetime, str]:
    return event_type, time, json.dumps(data, sort_keys=True)
