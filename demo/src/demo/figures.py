"""The demo's figures, read from the events themselves: who was where when, and before and after."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from demo.evidence import Record
from demo.organisation import Unit, leaves

BEHAVIOURS = (
    "engagement",
    "consideration",
    "constructive_confrontation",
    "supports_manager",
    "positive_attitude",
    "creativity",
    "stress_handling",
)
_JOURNEY = "workflow.journey."
# Moments of the whole rollout that the timeline marks, by event type.
_MARKS = {
    "workflow.rollout.gate_evaluated.v1": "gate",
    "workflow.rollout.gate_overridden.v1": "override",
    "workflow.rollout.decision_approved.v1": "decision",
}


def timeline(records: Sequence[Record], units: Sequence[Unit]) -> dict[str, Any]:
    """Each unit's steps and pauses, and the rollout's marks, in seconds since the pilot's start."""
    members = {unit.unit_id: unit for unit in leaves(units)}
    journey = [r for r in records if r.type.startswith(_JOURNEY) and r.data["unit_id"] in members]
    marks = [r for r in records if r.type in _MARKS]
    if not journey:
        return {"seconds": 0.0, "units": [], "marks": []}
    moments = [r.time for r in [*journey, *marks]]
    start, end = min(moments), max(moments)
    rows: list[dict[str, Any]] = []
    for unit_id, unit in members.items():
        own = sorted((r for r in journey if r.data["unit_id"] == unit_id), key=lambda r: r.time)
        if own:
            rows.append(_row(unit, own, start, end))
    rows.sort(key=lambda row: (row["wave"], row["steps"][0]["from"] if row["steps"] else 0))
    return {
        "seconds": _since(start, end),
        "units": rows,
        "marks": [
            {"at": _since(start, r.time), "kind": _MARKS[r.type]}
            | {"outcome": r.data.get("outcome", "")}
            for r in sorted(marks, key=lambda r: r.time)
        ],
    }


def _since(start: datetime, time: datetime) -> float:
    return round((time - start).total_seconds(), 2)


def _row(unit: Unit, own: Sequence[Record], start: datetime, end: datetime) -> dict[str, Any]:
    steps: list[dict[str, Any]] = []
    pauses: list[dict[str, Any]] = []
    row: dict[str, Any] = {"unit_id": unit.unit_id, "name": unit.name, "headcount": unit.headcount}
    row |= {"wave": -1, "steps": steps, "pauses": pauses, "after_care_on": []}
    for record in own:
        at = _since(start, record.time)
        kind = record.type.removeprefix(_JOURNEY).removesuffix(".v1")
        if kind == "started":
            row["wave"] = record.data["wave"]
        elif kind == "step_started":
            _close(steps, at)
            steps.append({"step": record.data["step"], "from": at})
        elif kind == "paused":
            pauses.append({"from": at})
        elif kind == "resumed":
            _close(pauses, at)
        elif kind in ("completed", "stopped"):
            _close(steps, at)
            row["after_care_on"] = record.data.get("after_care_on", [])
    _close(steps, _since(start, end))
    _close(pauses, _since(start, end))
    return row


def _close(spans: list[dict[str, Any]], at: float) -> None:
    if spans:
        spans[-1].setdefault("to", at)


def before_after(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Per wave, the region-level results of each occasion as other systems may see them.

    A release belongs to the wave of the units whose rounds it holds. Where a wave has several of
    one occasion (a unit that was paused is released alone), the one with most units is taken.
    """
    wave_of_unit = {
        r.data["unit_id"]: r.data["wave"]
        for r in records
        if r.type == "workflow.journey.started.v1"
    }
    members: dict[str, set[str]] = {}
    for r in records:
        if r.type == "assessment.round.opened.v1":
            members.setdefault(r.data["release_id"], set()).add(r.data["unit_id"])
    released = [r.data for r in records if r.type == "external.results.released.v1"]
    waves: dict[int, dict[str, Any]] = {}
    for data in sorted(released, key=lambda data: len(members.get(data["release_id"], ()))):
        for wave in {wave_of_unit.get(unit_id) for unit_id in members.get(data["release_id"], ())}:
            if wave is not None:
                waves.setdefault(wave, {"wave": wave})[data["occasion"]] = _cell(data)
    return [waves[wave] for wave in sorted(waves)]


def _cell(data: Mapping[str, Any]) -> dict[str, Any]:
    indexes = {entry["code"]: entry["index"] for entry in data["behaviours"]}
    return {
        "visibility": data["visibility"],
        "behaviours": {code: indexes.get(code) for code in BEHAVIOURS},
    }


def units_shown(records: Iterable[Record]) -> dict[str, dict[str, int]]:
    """Occasion > how many units' results are shown and hidden."""
    counts: dict[str, Counter[str]] = {}
    for record in records:
        if record.type == "assessment.results.released.v1":
            occasion = counts.setdefault(record.data["occasion"], Counter())
            occasion[record.data["visibility"]] += 1
    return {occasion: dict(count) for occasion, count in counts.items()}


def by_topic(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Events by topic, most first."""
    counts = Counter(record.topic for record in records)
    return [
        {"topic": topic, "external": topic.startswith("external."), "events": count}
        for topic, count in counts.most_common()
    ]
