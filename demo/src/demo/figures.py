"""The demo's figures, read from the events themselves: who was where when, and before and after."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import Any

from demo.evidence import Record
from demo.organisation import Unit, leaves
from demo.wording import BEHAVIOURS, OCCASIONS

_LEAST_COMPARED = 2
_JOURNEY = "workflow.journey."
# Moments of the whole rollout that the timeline marks, by event type.
_MARKS = {
    "workflow.rollout.gate_evaluated.v1": "gate",
    "workflow.rollout.gate_overridden.v1": "override",
    "workflow.rollout.decision_approved.v1": "decision",
}

_WAVE = {
    "workflow.wave.planned.v1": "planned_start",
    "workflow.wave.started.v1": "started_at",
    "workflow.wave.completed.v1": "completed_at",
}
# Shares of a unit that answered, in per cent. Small units have the wider bands.
BANDS = ("0-49", "50-74", "75-89", "90-100", "0-74", "75-100")


def timeline(records: Sequence[Record], units: Sequence[Unit]) -> dict[str, Any]:
    """Each unit's steps and pauses, and the rollout's marks, in seconds since the pilot's start."""
    members = {unit.unit_id: unit for unit in leaves(units)}
    journey = [r for r in records if r.type.startswith(_JOURNEY) and r.data["unit_id"] in members]
    marks = [r for r in records if r.type in _MARKS]
    if not journey:
        return {"begun_at": None, "seconds": 0.0, "units": [], "marks": []}
    moments = [r.time for r in [*journey, *marks]]
    start, end = min(moments), max(moments)
    rows: list[dict[str, Any]] = []
    for unit_id, unit in members.items():
        own = sorted((r for r in journey if r.data["unit_id"] == unit_id), key=lambda r: r.time)
        if own:
            rows.append(_row(unit, own, start, end))
    rows.sort(key=lambda row: (row["wave"], row["steps"][0]["from"] if row["steps"] else 0))
    return {
        "begun_at": start.isoformat(),
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


def timetable(records: Iterable[Record]) -> dict[int, dict[str, str | None]]:
    """When each wave was planned to start, started and was completed. The first plan counts."""
    waves: dict[int, dict[str, str | None]] = {}
    for r in sorted(records, key=lambda r: r.time):
        if r.type not in _WAVE:
            continue
        wave = waves.setdefault(r.data["wave"], dict.fromkeys(_WAVE.values()))
        name = _WAVE[r.type]
        wave[name] = wave[name] or r.data.get("planned_start") or r.time.isoformat()
    return waves


def participation(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Units by wave, occasion and band of participation. The band None is hidden."""
    records = list(records)
    wave_of = _wave_of_unit(records)
    found: dict[tuple[int, str], Counter[str | None]] = {}
    for r in records:
        if r.type == "assessment.results.released.v1" and r.data["unit_id"] in wave_of:
            key = (wave_of[r.data["unit_id"]], r.data["occasion"])
            found.setdefault(key, Counter())[r.data["participation_band"]] += 1
    return [
        {
            "wave": wave,
            "occasion": occasion,
            "bands": {band: found[wave, occasion][band] for band in BANDS},
            "hidden": found[wave, occasion][None],
        }
        for wave, occasion in sorted(found)
    ]


def before_after(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Per wave and behaviour, the mean index before and after of the *same* units.

    A unit is compared where its index was released at both occasions. Fewer than two such
    units are not shown: a wave's value must not be a single unit's. `not_compared` says why units
    are left out.
    """
    wave_of = _wave_of_unit(records)
    found = {
        (r.data["unit_id"], r.data["occasion"]): r.data
        for r in records
        if r.type == "assessment.results.released.v1"
    }
    waves = []
    for wave in sorted(set(wave_of.values())):
        units = [unit_id for unit_id in wave_of if wave_of[unit_id] == wave]
        pairs = [[found.get((unit_id, occasion)) for occasion in OCCASIONS] for unit_id in units]
        complete = [(before, after) for before, after in pairs if before and after]
        hidden = sum(any(r["visibility"] == "hidden" for r in pair) for pair in complete)
        waves.append(
            {
                "wave": wave,
                "units": len(units),
                "not_compared": {"hidden": hidden, "missing": len(pairs) - len(complete)},
                "behaviours": {code: _compared(complete, code) for code in BEHAVIOURS},
            }
        )
    return waves


def _compared(
    pairs: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]], code: str
) -> dict[str, int] | None:
    shown = [
        (before, after)
        for pair in pairs
        for before, after in [[_indexes(released)[code] for released in pair]]
        if before is not None and after is not None
    ]
    if len(shown) < _LEAST_COMPARED:
        return None
    before, after = (round(fmean(values)) for values in zip(*shown, strict=True))
    return {"units": len(shown), "before": before, "after": after}


def releases(records: Sequence[Record]) -> list[dict[str, Any]]:
    """What other systems can read of each release, the whole region together, in order of time."""
    wave_of = _wave_of_unit(records)
    members: dict[str, set[str]] = {}
    for r in records:
        if r.type == "assessment.round.opened.v1":
            members.setdefault(r.data["release_id"], set()).add(r.data["unit_id"])
    released = [r for r in records if r.type == "external.results.released.v1"]
    return [
        {
            "waves": sorted({wave_of[unit_id] for unit_id in members[r.data["release_id"]]}),
            "occasion": r.data["occasion"],
            "units": len(members[r.data["release_id"]]),
            "visibility": r.data["visibility"],
            "behaviours": _indexes(r.data),
        }
        for r in sorted(released, key=lambda r: r.time)
    ]


def _wave_of_unit(records: Iterable[Record]) -> dict[str, int]:
    return {
        r.data["unit_id"]: r.data["wave"]
        for r in records
        if r.type == "workflow.journey.started.v1"
    }


def _indexes(released: Mapping[str, Any]) -> dict[str, int | None]:
    indexes = {entry["code"]: entry["index"] for entry in released["behaviours"]}
    return {code: indexes.get(code) for code in BEHAVIOURS}


def by_topic(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Events by topic, most first."""
    counts = Counter(record.topic for record in records)
    return [
        {"topic": topic, "external": topic.startswith("external."), "events": count}
        for topic, count in counts.most_common()
    ]
