"""A made-up course of events and the result that the demo would make of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.evidence import Record
from demo.figures import before_after, by_topic, participation, releases, timeline
from demo.organisation import DATA, PILOTS, Unit, leaves, read_units
from demo.wording import BEHAVIOURS, OCCASIONS

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
STEPS = ("preparation", "baseline", "modules", "follow_up", "after_care")
PLANNED = "2026-03-02T08:00:28+00:00"
LENGTHS = (1.2, 8.5, 3.0, 8.5, 0.4)


def units() -> list[Unit]:
    return read_units(Path(DATA) / "units.csv")


def record(event_type: str, at: float, **data: Any) -> Record:
    topic = ".".join(event_type.split(".")[:2])
    time = START + timedelta(seconds=at)
    return Record(topic, f"{event_type}|{at}|{data.get('unit_id')}", event_type, time, data)


def journey(unit: Unit, wave: int, begin: float) -> list[Record]:
    events = [record("workflow.journey.started.v1", begin, unit_id=unit.unit_id, wave=wave)]
    at = begin
    for step, length in zip(STEPS, LENGTHS, strict=True):
        if step in OCCASIONS:
            about = {"unit_id": unit.unit_id, "occasion": step, "release_id": f"{wave}-{step}"}
            events.append(record("assessment.round.opened.v1", at, **about))
            events.append(unit_results(unit.unit_id, step, hidden=unit.headcount < 7))
        events.append(
            record("workflow.journey.step_started.v1", at, unit_id=unit.unit_id, step=step)
        )
        at += length * (1 + unit.headcount / 200)
    dates = ["2026-09-02", "2027-03-02"]
    done = record("workflow.journey.completed.v1", at, unit_id=unit.unit_id, after_care_on=dates)
    return [*events, done]


def records() -> list[Record]:
    found: list[Record] = []
    others = [unit for unit in leaves(units()) if unit.unit_id not in PILOTS]
    for unit in leaves(units()):
        pilot = unit.unit_id in PILOTS
        wave = 0 if pilot else 1 + others.index(unit) // 12
        begin = 0.0 if pilot else 20.0 + wave * 10
        found += journey(unit, wave, begin)
    found += [
        record("workflow.rollout.gate_evaluated.v1", 23.0, outcome="inconclusive"),
        record("workflow.rollout.gate_overridden.v1", 25.0, outcome="pass"),
        record("workflow.rollout.decision_approved.v1", 26.5, outcome="broad_introduction"),
        record("workflow.wave.planned.v1", 26.8, wave=1, planned_start=PLANNED),
        record("workflow.wave.planned.v1", 26.9, wave=1, planned_start="2027-01-01T00:00:00Z"),
        record("workflow.wave.started.v1", 30.0, wave=1),
        record("workflow.wave.completed.v1", 60.0, wave=1),
        record("workflow.journey.paused.v1", 33.0, unit_id="servicedesk"),
        record("workflow.journey.resumed.v1", 38.0, unit_id="servicedesk"),
    ]
    for wave in range(4):
        found += [region_results(wave, occasion) for occasion in OCCASIONS]
    return found


def unit_results(unit_id: str, occasion: str, hidden: bool = False, add: int = 0) -> Record:
    return record(
        "assessment.results.released.v1",
        30.0,
        unit_id=unit_id,
        occasion=occasion,
        visibility="hidden" if hidden else "shown",
        participation_band=None if hidden else "75-89",
        behaviours=indexes(occasion, hidden, add),
    )


def region_results(wave: int, occasion: str) -> Record:
    return record(
        "external.results.released.v1",
        30.0 + wave,
        release_id=f"{wave}-{occasion}",
        occasion=occasion,
        visibility="hidden" if wave == 0 else "shown",
        behaviours=indexes(occasion, hidden=wave == 0),
    )


def indexes(occasion: str, hidden: bool, add: int = 0) -> list[dict[str, Any]]:
    """Before: 50, 55 or 60; after: up to 15 more."""
    return [
        {
            "code": code,
            "index": None
            if hidden
            else 50 + add + 5 * (n % 3) + (5 * (n % 4) if occasion == "follow_up" else 0),
        }
        for n, code in enumerate(BEHAVIOURS)
    ]


def criterion(code: str, outcome: str, value: float | None, threshold: float) -> dict[str, Any]:
    return {"code": code, "outcome": outcome, "value": value, "threshold": threshold} | {
        "hidden": value is None,
        "dry_run": code == "change-since-baseline",
    }


def wave(number: int, units: int) -> dict[str, Any]:
    times = dict.fromkeys(("started_at", "completed_at"), "2026-03-02T08:00:30+00:00")
    return {"wave": number, "units": units, "planned_start": PLANNED if number else None} | {
        "prerequisites": ["risk_assessment", "joint_consultation"],
        **times,
    }


def result() -> dict[str, Any]:
    events = records()
    line = timeline(events, units())
    line["marks"] += [
        {"at": at, "kind": kind, "outcome": ""}
        for at, kind in ((33.0, "killed"), (36.0, "manager"))
    ]
    template = json.loads((DATA / "template.json").read_text(encoding="utf-8"))
    codes = ("events_published", "invitations_mailed", "answers_counted", "mails_delivered")
    override = {
        "outcome": "pass",
        "by": "administrator",
        "reason": "E-tjänster är för liten för ett eget resultat; övriga tre räcker.",
        "at": "2026-03-02T08:00:25Z",
    }
    return {
        "started_at": START.isoformat(),
        "seed": 7,
        "units": 40,
        "people": 867,
        "machine": {"cpus": 2, "python": "3.11.2"},
        "seconds": {"setup": 14.2, "story": 71.3, "count": 3.1},
        "resources": {"memory_peak_mib": 2100, "cpu_seconds": 150.5},
        "phases": [{"phase": "2 Pilot: four units go through their journey", "seconds": 24.0}],
        "rollout": {"phase": "after_care", "status": "completed"},
        "units_by_state": {"completed": 40},
        "answers": 1502,
        "events": len(events),
        "gate": {
            "evaluated": "inconclusive",
            "criteria": [
                criterion("participation", "inconclusive", None, 60),
                criterion("meetings-held", "pass", 100, 100),
                criterion("change-since-baseline", "pass", 5, 0),
            ],
            "override": override,
        },
        "gate_history": [{"outcome": "inconclusive"}, {"outcome": "pass"}],
        "decision": {
            "outcome": "broad_introduction",
            "diary_number": "EXEMPEL 2026-0142",
            "proposed_by": "administrator",
            "approved_by": "second-administrator",
            "at": "2026-03-02T08:00:26Z",
            "reasons": "Piloterna höll sina träffar och följde upp.",
        },
        "waves": [wave(number, units=4 if number == 0 else 12) for number in range(4)],
        "minutes_asked": template["minutes_asked"],
        "timeline": line,
        "participation": participation(events),
        "before_after": before_after(events),
        "releases": releases(events),
        "events_by_topic": by_topic(events),
        "mails": {"delivered": 1790},
        "webhooks": {"verified": 231, "refused": 0},
        "dead_letters": 0,
        "checks": [
            dict.fromkeys(("lost", "duplicates", "unexpected"), 0)
            | {"code": code, "asked": 1790, "found": 1790}
            for code in codes
        ],
        "lost": 0,
        "duplicates": 0,
        "refusals": [
            {
                "who": "administrator",
                "action": "approve_decision",
                "code": "four-eyes",
                "detail": "The proposer of a decision cannot approve it.",
            }
        ],
        "subscriber": {
            "received": 231,
            "invalid": 0,
            "lines": ["08:00:01 external.wave.started.v1"],
        },
    }
