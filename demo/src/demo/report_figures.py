"""The report's figures, each as a chart and as a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demo import charts
from demo.markup import Head, figure, heading, paragraph, table
from demo.wording import BEHAVIOURS, STEPS, Words, both, wave_name


def timeline(data: Mapping[str, Any]) -> str:
    head: list[tuple[Words, str]] = [(("Enhet", "Unit"), ""), (("Våg", "Wave"), "n")]
    head += [(words, "n") for words in STEPS.values()]
    rows = []
    for unit in data["units"]:
        spans = {span["step"]: f"{span['from']:.1f}-{span['to']:.1f}" for span in unit["steps"]}
        cells = [escape(unit["name"]), str(unit["wave"])]
        rows.append(cells + [spans.get(step, "") for step in STEPS])
    legend = "".join(
        f'<li><i style="background:var(--{step})"></i>{both(words)}</li>'
        for step, words in STEPS.items()
    )
    legend += f'<li><i style="border:2px dashed var(--bad)"></i>{both(("Paus", "Pause"))}</li>'
    caption = (
        "Varje enhets resa, i sekunder sedan piloten började (snabbspolad tid).",
        "Each unit's journey, in seconds since the pilot began (compressed time).",
    )
    chart = charts.timeline(data, "cap-timeline")
    return (
        heading("Alla enheters resor", "All units' journeys")
        + _after_care(data["units"])
        + figure(
            chart, "cap-timeline", caption, table(head, rows), f'<ul class="legend">{legend}</ul>'
        )
    )


def _after_care(units: Sequence[Mapping[str, Any]]) -> str:
    """How many units will be looked at again, and on which days."""
    planned = [unit["after_care_on"] for unit in units if unit["after_care_on"]]
    days = sorted({day for unit in planned for day in unit})
    return paragraph(
        f"Förvaltningen är inplanerad för {len(planned)} enheter: {', '.join(days) or '–'}.",
        f"After-care is scheduled for {len(planned)} units: {', '.join(days) or '–'}.",
    )


def before_after(waves: Sequence[Mapping[str, Any]]) -> str:
    head: list[tuple[Words, str]] = [(("Beteende", "Behaviour"), "")]
    head += [(wave_name(w["wave"]), "n") for w in waves]
    rows = [
        [both(words)] + [_change(wave, code) for wave in waves]
        for code, words in BEHAVIOURS.items()
    ]
    caption = (
        "Ring: nuläge. Punkt: uppföljning. Index 0-100 i steg om 5, hela omgången samlad på "
        "regionnivå. Dolt: värdet skulle röja en liten grupp.",
        "Ring: baseline. Dot: follow-up. Index 0-100 in steps of 5, the whole release at region "
        "level. Hidden: the value would give a small group away.",
    )
    note = paragraph(
        "Påhittade svar. Beskrivande före och efter, inte ett bevis på effekt: fyra piloter kan "
        "inte bära ett sådant.",
        "Invented answers. A descriptive before and after, not proof of an effect: four pilots "
        "cannot carry one.",
        "soft",
    )
    chart = charts.dumbbells(waves, "cap-behaviours")
    title = heading("De sju beteendena, före och efter", "The seven behaviours, before and after")
    return title + note + figure(chart, "cap-behaviours", caption, table(head, rows))


def _change(wave: Mapping[str, Any], code: str) -> str:
    values = [
        wave.get(occasion, {}).get("behaviours", {}).get(code)
        for occasion in ("baseline", "follow_up")
    ]
    if values == [None, None]:
        return both(("dolt", "hidden"))
    return " → ".join("–" if value is None else str(value) for value in values)


def events(rows: Sequence[Mapping[str, Any]]) -> str:
    head: Head = (
        (("Ämne", "Topic"), ""),
        (("Händelser", "Events"), "n"),
    )
    cells = table(head, [(escape(e["topic"]), str(e["events"])) for e in rows])
    caption = (
        "Händelser per ämne. Blå: öppna för andra system i regionen.",
        "Events by topic. Blue: open to the region's other systems.",
    )
    chart = charts.bars(rows, "cap-events")
    return heading("Händelser", "Events") + figure(chart, "cap-events", caption, cells)
