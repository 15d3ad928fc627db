"""docs/capacity.md, from what was measured."""

from collections.abc import Mapping
from typing import Any

from bench.capacity.model import (
    BUSIEST_HOUR,
    BUSY,
    MAIL_HOURS,
    WAVE_HOURS,
    Costs,
    Region,
    cores,
    need,
)

REGIONS = (8_000, 50_000, 1_500_000)
WHAT = {
    "visits": "somebody reads a round and answers it: two requests",
    "pages": "an administrator looks at the board of a rollout of 2,000 units",
    "events": "a command records an event, which takes effect in another process",
    "mails": "a message is addressed, written, sent by SMTP and marked",
    "journeys": "a unit goes through a wave of fifty on Temporal",
}


def page(found: Mapping[str, Any]) -> str:
    """Markdown. `found` is docs/capacity.json."""
    works: Mapping[str, Any] = found["works"]
    costs: Costs = {name: work["third"]["cpu"] for name, work in works.items()}
    syncs = {name: work["third"]["syncs"] for name, work in works.items()}
    memory = _memory(works)
    on = found["machine"]
    lines = [
        "# Capacity",
        "",
        "Written by `make capacity`; do not edit. Measured on "
        f"{on['processor']}, {on['memory']} of memory, PostgreSQL {on['postgresql']}, Kafka "
        f"{on['kafka']}: load generator, services and servers share it, one process of each "
        "service. Work arrives at a fixed rate, and a wait counts from when it was due. The knee "
        "is the highest rate at which it is done as fast as it comes, and 99 of 100 wait no "
        "longer than the limit.",
        "",
        "## Curves",
    ]
    for name, work in works.items():
        lines += ["", f"**{name.capitalize()}**: {WHAT[name]}. Limit {_ms(work['most_ms'])}.", ""]
        lines += ["| offered per s | done per s | p50 | p99 | |", "|---:|---:|---:|---:|---|"]
        for number, step in enumerate(work["steps"]):
            sign = "knee" if number == len(work["steps"]) - 2 else ""
            lines.append(
                f"| {step['offered']:.0f} | {step['done']:.0f} | {_ms(step['p50'])} |"
                f" {_ms(step['p99'])} | {sign} |"
            )
    lines += ["", "## What a piece of work costs", "", _COSTS, ""]
    lines += ["| work | process | processor time | model at 50 % | measured |"]
    lines += ["|---|---|---:|---:|---:|"]
    for name, work in works.items():
        for process, cost in costs[name].items():
            lines.append(f"| {name} | {process} | {cost / 1e3:.2f} ms | | |")
        half = work["half"]
        expected = sum(cores({name: half["done"]}, costs).values())
        used = half["done"] * sum(half["cpu"].values()) / 1e6
        lines.append(f"| {name} | all | | {expected:.2f} cores | {used:.2f} cores |")
    lines += ["", "## What a region needs", "", _ASSUMED, ""]
    lines += ["| | " + " | ".join(f"{employees:,} employees" for employees in REGIONS) + " |"]
    lines += ["|---|" + "---:|" * len(REGIONS)]
    regions = [Region(employees) for employees in REGIONS]
    needs = [need(region, costs, memory, syncs) for region in regions]
    for name in works:
        lines.append(_row(f"{name} per second", [f"{r.rates[name]:.2f}" for r in regions]))
    for process in needs[0].processes:
        lines.append(_row(f"{process} processes", [str(n.processes[process]) for n in needs]))
    lines.append(_row("**cores in all**", [f"{n.cores:.1f}" for n in needs]))
    lines.append(_row("**GiB of memory in all**", [f"{n.memory:.1f}" for n in needs]))
    lines.append(_row("**synchronous writes per second**", [f"{n.iops:.0f}" for n in needs]))
    return "\n".join([*lines, ""])


_COSTS = (
    "At 30 % of the knee. The model is these costs times a rate; the last two columns compare it"
    " with what was measured at another rate, half of the knee. Where the model says more, work"
    " that comes faster is done in larger batches."
)
_ASSUMED = (
    "In the busiest hour of the largest wave: it has a tenth of the units, of 20 people each. Four"
    f" in five answer, {100 * BUSIEST_HOUR:.0f} % of them in one hour, and look at five pages each"
    f" then. Three mails per person within {MAIL_HOURS} hours; each unit takes a step within"
    f" {WAVE_HOURS} hours, with ten events. Everything is planned to be busy for"
    f" {100 * BUSY:.0f} % of the time, with two of each process, two databases and three brokers at"
    " least. What processes use while they wait for work is not in it. Put a region's own numbers"
    " into `tests/bench/capacity/model.py`. A release of"
    " 1,200,000 answers takes two cores for about a minute more (`make bench`)."
)


def _memory(works: Mapping[str, Any]) -> dict[str, float]:
    """The most that each process had, in GiB."""
    found: dict[str, float] = {}
    for work in works.values():
        for name, used in work["memory"].items():
            found[name] = max(used, found.get(name, 0.0))
    return found


def _row(name: str, cells: list[str]) -> str:
    return f"| {name} | " + " | ".join(cells) + " |"


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:,.0f} ms" if milliseconds >= 10 else f"{milliseconds:.1f} ms"
