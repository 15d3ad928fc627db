"""`demo-report.html` from the demo's result: one file, no script, both languages.

It shows the figures of `demo-result.json` and adds none of its own.
"""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from demo import report_figures
from demo.markup import Head, heading, paragraph, quote, table
from demo.wording import (
    CHECKS,
    CRITERIA,
    OUTCOMES,
    PREREQUISITES,
    Words,
    both,
    number,
    wave_name,
)

_HIDDEN: Words = ("dolt (för få svar)", "hidden (too few answers)")
_COLOURS = {"pass": "good", "fail": "bad", "inconclusive": "warn"}


def html(result: Mapping[str, Any]) -> str:
    """The whole document."""
    style = (Path(__file__).parent / "report.css").read_text(encoding="utf-8")
    sections = (
        _gate(result),
        _decision(result),
        report_figures.timeline(result["timeline"]),
        report_figures.before_after(result["before_after"]),
        report_figures.releases(result["releases"]),
        _audit(result),
        report_figures.events(result["events_by_topic"]),
        _refusals(result["refusals"]),
        _subscriber(result["subscriber"]),
    )
    return f"""<!doctype html>
<html lang="sv">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Utvecklande medarbetarskap: demo</title>
<style>{style}</style>
</head>
<body>
<main>
<input type="checkbox" id="english"><label for="english" lang="en">In English</label>
{_header(result)}
{"".join(sections)}
{_footer(result)}
</main>
</body>
</html>
"""


def _header(result: Mapping[str, Any]) -> str:
    completed = result["units_by_state"].get("completed", 0)
    clean = result["lost"] == result["duplicates"] == 0
    tiles = (
        (f"{completed}/{result['units']}", ("enheter framme", "units at their goal")),
        (both(number(result["answers"])), ("svar", "answers")),
        (both(number(result["mails"]["delivered"])), ("mejl", "mails")),
        (both(number(result["events"])), ("händelser", "events")),
        (both(number(result["webhooks"]["verified"])), ("webhooks", "webhooks")),
        (f"{both(number(result['seconds']['story'], 1))} s", ("tid", "time")),
    )
    counted = (
        f"{result['lost']} förlorade och {result['duplicates']} dubbletter, oberoende räknat.",
        f"{result['lost']} lost and {result['duplicates']} duplicates, counted independently.",
    )
    return f"""<header>
<p class="sample">{both(("Exempeldata", "Sample data"))}</p>
<h1>{both(("Från fyra piloter till hela regionen", "From four pilots to the whole region"))}</h1>
{
        paragraph(
            "En körning av hela införandet: pilot, utvärdering, beslut och breddinförande, "
            "på riktiga servrar och genom öppna gränssnitt.",
            "A run of the whole introduction: pilot, evaluation, decision and wide introduction, "
            "on real servers and through public interfaces.",
            "lead",
        )
    }
<p class="{"good" if clean else "bad"}"><strong>{both(counted)}</strong></p>
<ul class="tiles">{"".join(f"<li><b>{v}</b><span>{both(w)}</span></li>" for v, w in tiles)}</ul>
</header>"""


def _gate(result: Mapping[str, Any]) -> str:
    gate = result["gate"]
    rows = [
        (
            both(CRITERIA.get(c["code"], (c["code"], c["code"])))
            + (
                f' <span class="soft">({both(("visas, avgör inte", "shown, not deciding"))})</span>'
                if c["dry_run"]
                else ""
            ),
            both(_HIDDEN) if c["hidden"] or c["value"] is None else both(number(c["value"], 0)),
            both(number(c["threshold"])),
            f'<span class="{_COLOURS[c["outcome"]]}">{both(OUTCOMES[c["outcome"]])}</span>',
        )
        for c in gate["criteria"]
    ]
    head = (
        (("Kriterium", "Criterion"), ""),
        (("Värde", "Value"), "n"),
        (("Gräns", "Threshold"), "n"),
        (("Utfall", "Outcome"), ""),
    )
    told = [e["outcome"] for e in result["gate_history"]]
    course = (
        " → ".join(OUTCOMES[o][0] for o in told),
        " → ".join(OUTCOMES[o][1] for o in told),
    )
    return (
        heading("Utvärderingens avstämning", "The evaluation gate")
        + paragraph(
            "Avstämningen har tre utfall. Saknade eller dolda värden räknas aldrig som "
            "godkända: då avgör en människa, och skälet står kvar.",
            "A gate has three outcomes. Missing or hidden values never count as a pass: then a "
            "person decides, and the reason stays.",
        )
        + f"<p><strong>{both(course)}</strong></p>"
        + table(head, rows)
        + _override(gate.get("override"))
    )


def _override(override: Mapping[str, Any] | None) -> str:
    """Who set the outcome, and the reason that stays beside the gate."""
    if not override:
        return ""
    who = both((f"Åsidosatt av {override['by']}:", f"Overridden by {override['by']}:"))
    return f"<blockquote>{who} {quote(override['reason'], 'sv')}</blockquote>"


def _decision(result: Mapping[str, Any]) -> str:
    decision = result["decision"]
    rows = [
        (both(("Beslut", "Decision")), both(OUTCOMES[decision["outcome"]])),
        (both(("Diarienummer", "Diary number")), escape(decision["diary_number"])),
        (both(("Föreslaget av", "Proposed by")), escape(decision["proposed_by"])),
        (both(("Godkänt av", "Approved by")), escape(decision["approved_by"] or "")),
        (both(("Skäl", "Reasons")), quote(decision["reasons"], "sv")),
    ]
    rows += [
        (
            both(wave_name(wave["wave"])),
            both((f"{wave['units']} enheter", f"{wave['units']} units"))
            + "".join(f", {both(PREREQUISITES[kind])}" for kind in wave["prerequisites"]),
        )
        for wave in result["waves"]
        if wave["wave"] > 0
    ]
    cells = "".join(f'<tr><th scope="row">{k}</th><td>{v}</td></tr>' for k, v in rows)
    return heading("Beslut och tidplan", "Decision and timetable") + f"<table>{cells}</table>"


def _audit(result: Mapping[str, Any]) -> str:
    head: Head = (
        (("Jämförelse", "Comparison"), ""),
        (("Ska finnas", "Asked"), "n"),
        (("Finns", "Found"), "n"),
        (("Förlorade", "Lost"), "n"),
        (("Dubbletter", "Duplicates"), "n"),
        (("Oväntade", "Unexpected"), "n"),
    )
    rows = [
        [both(CHECKS[check["code"]])]
        + [
            both(number(check[key]))
            for key in ("asked", "found", "lost", "duplicates", "unexpected")
        ]
        for check in result["checks"]
    ]
    return (
        heading("Oberoende räkning", "Independent count")
        + paragraph(
            "Efteråt jämförs det som begärdes med det som hände: en egen läsare läser alla ämnen "
            "från början, databasernas utkorgar, mejlen och mottagna webhooks.",
            "Afterwards, what was asked for is compared with what happened: an independent "
            "reader reads all topics from the start, the databases' outboxes, the mails and "
            "received webhooks.",
        )
        + table(head, rows)
    )


def _refusals(rows: Sequence[Mapping[str, Any]]) -> str:
    head: Head = (
        (("Vem", "Who"), ""),
        (("Ville", "Wanted"), ""),
        (("Kod", "Code"), ""),
        (("Plattformens svar", "The platform's answer"), ""),
    )
    cells = [
        [*(escape(row[key]) for key in ("who", "action", "code")), quote(row["detail"], "en")]
        for row in rows
    ]
    return (
        heading("När plattformen sade nej", "When the platform said no")
        + paragraph(
            "Körningen försöker med flit det som inte får gå.",
            "The run tries on purpose what must not work.",
        )
        + table(head, cells)
    )


def _subscriber(subscriber: Mapping[str, Any]) -> str:
    received, invalid = subscriber["received"], subscriber["invalid"]
    lines = escape("\n".join(subscriber["lines"]))
    return (
        heading("Ett främmande system lyssnar", "A foreign system listens")
        + paragraph(
            f"Byggt enbart på den publicerade händelsekatalogen: {received} händelser lästa, "
            f"{invalid} bröt mot sitt schema. De första:",
            f"Built from the published event catalogue only: {received} events read, "
            f"{invalid} broke their schema. The first ones:",
        )
        + f'<pre tabindex="0">{lines}</pre>'
    )


def _footer(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    facts = (
        f"{result['started_at'][:16].replace('T', ' ')} UTC · seed {result['seed']} · "
        f"{machine['cpus']} CPU · Python {machine['python']} · "
    )
    size = both(
        (
            f"{result['units']} enheter, {result['people']} exempelpersoner",
            f"{result['units']} units, {result['people']} sample people",
        )
    )
    note = both(
        (
            "De fyra pilotenheterna bär sina riktiga namn. Alla personer, svar och övriga enheter "
            "är påhittade.",
            "The four pilot units carry their real names. All people, answers and other units are "
            "invented.",
        )
    )
    return f'<footer><p class="meta">{note}</p><p class="meta">{escape(facts)}{size}</p></footer>'
