"""The end of the demo in a terminal: tables of at most 80 columns."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH = 80
_COUNTS = ("asked", "found", "lost", "duplicates", "unexpected")


def lines(done: Mapping[str, Any]) -> list[str]:
    """The whole summary."""
    seconds = done["seconds"]
    states = ", ".join(f"{count} {state}" for state, count in done["units_by_state"].items())
    decision, gate = done["decision"], done["gate"]
    return [
        *_title("Units"),
        f"{states} of {done['units']}",
        f"after-care is scheduled on {', '.join(_after_care(done)) or 'no day'}",
        *_title("Gate"),
        *_table(
            ("criterion", "value", "threshold", "outcome"),
            [_criterion(criterion) for criterion in gate["criteria"]],
        ),
        f"course: {' > '.join(entry['outcome'] for entry in done['gate_history'])}",
        *_override(gate.get("override")),
        *_title("Decision"),
        f"{decision['outcome']}, {decision['diary_number']}: proposed by "
        f"{decision['proposed_by']},",
        f"approved by {decision['approved_by']}",
        *_title("Events by topic"),
        *_table(
            ("topic", "events"),
            [(entry["topic"], str(entry["events"])) for entry in done["events_by_topic"]],
        ),
        *_title("Independent count"),
        *_table(
            ("", *_COUNTS),
            [(check["code"], *(str(check[name]) for name in _COUNTS)) for check in done["checks"]],
        ),
        "",
        f"mails {done['mails']['delivered']}   webhooks {done['webhooks']['verified']} verified, "
        f"{done['webhooks']['refused']} refused   dead letters {done['dead_letters']}",
        f"lost {done['lost']}   duplicates {done['duplicates']}",
        f"set-up {seconds['setup']:.1f} s   story {seconds['story']:.1f} s   "
        f"count and report {seconds['count']:.1f} s",
        f"memory {done['resources']['memory_peak_mib']} MiB at most   "
        f"processors {done['resources']['cpu_seconds']:.0f} s",
    ]


def _after_care(done: Mapping[str, Any]) -> list[str]:
    return sorted({day for unit in done["timeline"]["units"] for day in unit["after_care_on"]})


def _title(text: str) -> list[str]:
    return ["", f"-- {text} ".ljust(WIDTH, "-")]


def _criterion(criterion: Mapping[str, Any]) -> tuple[str, str, str, str]:
    value = criterion["value"]
    shown = "hidden" if criterion["hidden"] or value is None else f"{value:g}"
    name = criterion["code"] + (" (dry run)" if criterion["dry_run"] else "")
    return name, shown, f"{criterion['threshold']:g}", criterion["outcome"]


def _override(override: Mapping[str, Any] | None) -> list[str]:
    if not override:
        return []
    words, line, found = f"overridden by {override['by']}: {override['reason']}".split(), "", []
    for word in words:
        if len(line) + len(word) + 1 > WIDTH:
            found.append(line)
            line = " "
        line = f"{line} {word}" if line.strip() else f"{line}{word}"
    return [*found, line]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """First column left, the others right."""
    widths = [max(len(row[n]) for row in [head, *rows]) for n in range(len(head))]
    return [
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()[:WIDTH]
        for row in [head, *rows]
    ]
