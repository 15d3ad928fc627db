"""From a finished run to its figures: read the evidence, count, put together `demo-result.json`."""

import asyncio
import os
import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from time import monotonic
from typing import Any

from demo import evidence, figures, ledger
from demo.api import Api
from demo.audit import Check, Evidence, checks
from demo.organisation import leaves
from demo.story import Story
from demo.systems import EVENT_TYPES, Systems

_SETTLE_SECONDS = 45.0
_READ_SECONDS = 60.0
_LINES_SHOWN = 14
_PUBLISHED = "external."


async def audit(story: Story, env: Mapping[str, str]) -> tuple[Evidence, list[Check], int]:
    """Count until all events are where they must be: evidence, checks, records in dead letters.

    The sources are read one after the other, so what is written meanwhile shows as a difference;
    one that is still there at the deadline is reported.
    """
    await evidence.settled(env, _SETTLE_SECONDS)
    until = monotonic() + _SETTLE_SECONDS
    while True:
        found, dead = await read(story, env)
        counted = checks(found)
        if all(check.clean for check in counted) or monotonic() > until:
            return found, counted, dead
        await asyncio.sleep(0.5)


async def read(story: Story, env: Mapping[str, str]) -> tuple[Evidence, int]:
    """Everything that can be read about the run, and the number of dead-letter records."""
    outbox = await evidence.outbox_ids(env)
    records, dead = await evidence.read_topics(env["KAFKA_BOOTSTRAP_SERVERS"], _READ_SECONDS)
    released = await evidence.query(
        env,
        "assessment",
        "select rollout_id || ' ' || occasion as occasion, answers_counted from disposals",
    )
    types = frozenset(r.type for r in records if r.type.startswith(_PUBLISHED))
    found = Evidence(
        units=story.units,
        roster=story.course.roster,
        ledger=ledger.read(story.api.ledger.path),
        outbox=outbox,
        records=records,
        mails=await evidence.read_mails(env["MAILBOX_URL"]),
        webhooks=evidence.read_lines(story.systems.webhooks),
        subscribed_types=types,
        subscribed_at=story.course.subscribed_at,
        seen_by_subscriber=evidence.read_lines(story.systems.subscriber_events),
        answers_counted={row["occasion"]: row["answers_counted"] for row in released},
    )
    return found, sum(dead.values())


def result(
    story: Story, found: Evidence, counted: list[Check], dead: int, about: Mapping[str, Any]
) -> dict[str, Any]:
    """`demo-result.json`. `about`: seed, seconds, start and whatever the caller knows."""
    rollout = story.observer.rollout
    members = leaves(story.units)
    states = Counter(journey["status"] for journey in story.observer.journeys.values())
    return {
        "sample_data": True,
        **about,
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version()},
        "units": len(members),
        "people": len({row.person_id for row in story.course.roster[0][1]}),
        "rollout": {key: rollout[key] for key in ("rollout_id", "name", "phase", "status")},
        "units_by_state": dict(states),
        "gate": _named(rollout["gate"], story.api),
        "gate_history": [
            {"at": r.time.isoformat(), "outcome": r.data["outcome"]}
            for r in found.records
            if r.type.startswith("workflow.rollout.gate_")
        ],
        "decision": _named(rollout["decision"], story.api),
        "waves": _waves(rollout["waves"], figures.timetable(found.records)),
        "minutes_asked": story.template["minutes_asked"],
        "refusals": story.course.refusals,
        "timeline": _timeline(story, found),
        "participation": figures.participation(found.records),
        "before_after": figures.before_after(found.records),
        "releases": figures.releases(found.records),
        "events": len(found.records),
        "events_by_topic": figures.by_topic(found.records),
        "dead_letters": dead,
        "answers": story.people.counts["answers"],
        "answers_too_late": story.people.counts["late"],
        "mails": {"delivered": len(found.mails)},
        "webhooks": _webhooks(found),
        "subscriber": _subscriber(story.systems, found),
        **_counts(counted),
    }


def _counts(counted: list[Check]) -> dict[str, Any]:
    return {
        "checks": [asdict(check) for check in counted],
        "lost": sum(check.lost for check in counted),
        "duplicates": sum(check.duplicates for check in counted),
        "unexpected": sum(check.unexpected for check in counted),
    }


def _waves(
    waves: Sequence[Mapping[str, Any]], times: Mapping[int, Mapping[str, str | None]]
) -> list[dict[str, Any]]:
    return [
        {
            "wave": wave["wave"],
            "status": wave["status"],
            "units": wave["unit_count"],
            "prerequisites": [p["kind"] for p in wave["prerequisites"]],
            **times.get(wave["wave"], {}),
        }
        for wave in waves
    ]


def _timeline(story: Story, found: Evidence) -> dict[str, Any]:
    """The events' timeline, with the marks that only the demo knows."""
    line = figures.timeline(found.records, story.units)
    begun = datetime.fromisoformat(line["begun_at"])
    line["marks"] += [
        {"at": round((time - begun).total_seconds(), 2), "kind": kind, "outcome": ""}
        for time, kind in story.course.marks
    ]
    return line


def _webhooks(found: Evidence) -> dict[str, Any]:
    verified = sum(hook["verified"] for hook in found.webhooks)
    return {
        "subscribed": list(EVENT_TYPES),
        "verified": verified,
        "refused": len(found.webhooks) - verified,
    }


def _subscriber(outside: Systems, found: Evidence) -> dict[str, Any]:
    printed = outside.subscriber_log.read_text(encoding="utf-8").splitlines()
    return {
        "received": len(found.seen_by_subscriber),
        "invalid": sum(bool(event["problems"]) for event in found.seen_by_subscriber),
        "lines": printed[1 : _LINES_SHOWN + 1],
    }


def shortcomings(done: Mapping[str, Any]) -> list[str]:
    """What did not complete, as sentences; empty for a good run."""
    found = []
    completed = done["units_by_state"].get("completed", 0)
    if completed != done["units"]:
        found.append(f"only {completed} of {done['units']} units completed their journey")
    if done["rollout"]["status"] != "completed":
        found.append(f"the rollout is {done['rollout']['status']}, not completed")
    for check in done["checks"]:
        if check["lost"] or check["duplicates"] or check["unexpected"]:
            found.append(
                f"{check['code']}: {check['lost']} lost, {check['duplicates']} duplicates, "
                f"{check['unexpected']} unexpected"
            )
    for count, what in (
        (done["dead_letters"], "events in dead-letter topics"),
        (done["webhooks"]["refused"], "webhooks with a wrong signature"),
        (done["subscriber"]["invalid"], "external events against their published schema"),
    ):
        if count:
            found.append(f"{count} {what}")
    return found


def _named(document: Any, api: Api) -> Any:
    """The document with the personas' names in place of their accounts."""
    if isinstance(document, dict):
        return {key: _named(value, api) for key, value in document.items()}
    return api.name_of(document) if isinstance(document, str) else document
