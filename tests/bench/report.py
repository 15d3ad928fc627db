"""The bench's table, 80 columns wide, and bench.json with every single run beside it."""

import json
import os
import platform
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

import asyncpg
import psutil

from bench.figures import Counter, Measure, Section

WIDTH = 80
_LEGEND = (
    "How to read it: figures are medians of the runs. A ratio is the first row of its block divided"
    " by its own row, and so is its target; * marks a missed target or limit."
)
_LIBRARIES = ("aiokafka", "asyncpg", "sqlalchemy", "fastapi", "temporalio", "faststream-outbox")


async def machine(postgres_dsn: str) -> dict[str, str]:
    """What the figures were taken on. The load is the machine's before the bench began."""
    connection = await asyncpg.connect(postgres_dsn)
    try:
        postgres = await connection.fetchval("show server_version")
    finally:
        await connection.close()
    return {
        "processor": f"{os.cpu_count()} x {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": postgres,
        "kafka": _pinned_kafka(),
        "load before": f"{os.getloadavg()[0]:.1f}",
        **{name: version(name) for name in _LIBRARIES},
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _pinned_kafka() -> str:
    """The version that the local stack runs; another server may be given in the environment."""
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        return "as given in the environment"
    pins = Path(__file__).resolve().parents[2] / "infra" / "kafka" / "artifacts.txt"
    for line in pins.read_text(encoding="utf-8").splitlines():
        if line.startswith("org.apache.kafka:kafka_"):
            return line.split()[0].rpartition(":")[2]
    return "unknown"


def table(on: Mapping[str, str], sections: Sequence[Section]) -> str:
    """All figures."""
    lines = textwrap.wrap("; ".join(f"{name} {value}" for name, value in on.items()), WIDTH)
    lines += ["", *textwrap.wrap(_LEGEND, WIDTH)]
    for section in sections:
        lines += ["", section.title, "-" * WIDTH]
        lines += textwrap.wrap(section.conditions, WIDTH)
        for _, alike in groupby(section.measures, key=lambda measure: measure.unit):
            lines += _measures(list(alike))
        lines += [_counter(counter) for counter in section.counters]
    return "\n".join(lines)


def _measures(measures: Sequence[Measure]) -> list[str]:
    """Lines of one unit, under a head."""
    compared = any(measure.ratios for measure in measures)
    ratio, ratio_spread, target = ("ratio", "min..max", "target") if compared else ("", "", "")
    heads = f"{measures[0].unit:>10}{'min..max':>16}{ratio:>6}{ratio_spread:>13}{target:>8}"
    lines = [f"{'':27}{heads}".rstrip()]
    for m in measures:
        own = f"{_number(m.median):>10}{_spread(m.runs):>16}"
        ratio = f"{_number(m.ratio):>6}{_spread(m.ratios):>13}" if m.ratio is not None else ""
        target = f">= {m.target:g}{'*' if m.met is False else ''}" if m.target is not None else ""
        lines.append(f"{m.name:<27}{own}{ratio}{target:>8}".rstrip())
    return lines


def _spread(runs: Sequence[float]) -> str:
    return f"{_number(min(runs))}..{_number(max(runs))}"


def _counter(counter: Counter) -> str:
    limit = f"<= {counter.limit:g}" if counter.limit is not None else ""
    return f"{counter.name:<52}{_number(counter.value):>17}{'' if counter.ok else '*':>1}{limit:>9}"


def _number(value: float) -> str:
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def write_json(path: Path, on: Mapping[str, str], sections: Sequence[Section]) -> None:
    """The same figures for a program, every run included."""
    document = {
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": dict(on),
        "sections": [
            {
                "title": section.title,
                "conditions": section.conditions,
                "measures": [
                    {**asdict(m), "median": m.median, "ratio": m.ratio, "met": m.met}
                    for m in section.measures
                ],
                "counters": [{**asdict(c), "ok": c.ok} for c in section.counters],
            }
            for section in sections
        ],
    }
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
