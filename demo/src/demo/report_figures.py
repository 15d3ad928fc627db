"""The report's figures, each as a chart and as a table."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from demo import charts
from demo.markup import Head, figure, heading, paragraph, table
from demo.wording import BEHAVIOURS, NOT_SHOWN, OCCASIONS, STEPS, Words, both, wave_name


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
        + _pauses(data["units"])
        + figure(
            chart, "cap-timeline", caption, table(head, rows), f'<ul class="legend">{legend}</ul>'
        )
    )


def _after_care(units: Sequence[Mapping[str, Any]]) -> str:
    """How many units will be looked at again, and on which days."""
    planned = [unit["after_care_on"] for unit in units if unit["after_care_on"]]
    dates = ", ".join(sorted({day for unit in planned for day in unit})) or "–"
    return paragraph(
        f"Uppföljning efter införandet är inplanerad för {len(planned)} enheter: {dates}.",
        f"After-care is scheduled for {len(planned)} units: {dates}.",
    )


def _pauses(units: Sequence[Mapping[str, Any]]) -> str:
    """The chart's pauses in words, since its table has steps only."""
    told = [
        f"{unit['name']} {pause['from']:.1f}-{pause['to']:.1f} s"
        for unit in units
        for pause in unit["pauses"]
    ]
    joined = ", ".join(told) or "–"
    return paragraph(
        f"Pausad på vägen: {joined}. Övriga i vågen gick vidare.",
        f"Paused on the way: {joined}. The others of the wave went on.",
    )


def before_after(waves: Sequence[Mapping[str, Any]]) -> str:
    head: list[tuple[Words, str]] = [(("Beteende", "Behaviour"), "")]
    head += [(wave_name(w["wave"]), "n") for w in waves]
    rows = [
        [both(words)] + [_change(wave["behaviours"][code]) for wave in waves]
        for code, words in BEHAVIOURS.items()
    ]
    caption = (
        "Ring: nuläge. Punkt: uppföljning. Medelvärde av enheternas index, 0-100.",
        "Ring: baseline. Dot: follow-up. Mean of the units' indexes, 0-100.",
    )
    note = paragraph(
        "Jämförs: samma enheter före och efter, var och en med ett värde som fick visas vid båda "
        "tillfällena. Är de färre än två visas inget. Svaren är påhittade, och ett före och efter "
        "bevisar ingen effekt.",
        "Compared: the same units before and after, each with a value that may be shown on both "
        "occasions. If they are fewer than two, nothing is shown. The answers are invented, and a "
        "before and after proves no effect.",
    )
    chart = charts.dumbbells(waves, "cap-behaviours")
    title = heading("De sju beteendena, före och efter", "The seven behaviours, before and after")
    shown = figure(chart, "cap-behaviours", caption, table(head, rows))
    return title + note + shown + _not_compared(waves)


def _change(compared: Mapping[str, int] | None) -> str:
    if not compared:
        return both(NOT_SHOWN)
    units = compared["units"]
    return f"{compared['before']} → {compared['after']} " + both(
        (f"({units} enheter)", f"({units} units)")
    )


def _not_compared(waves: Sequence[Mapping[str, Any]]) -> str:
    head: Head = (
        (("Inte jämförda enheter", "Units not compared"), ""),
        (("Enheter i vågen", "Units in the wave"), "n"),
        (("Dolda före eller efter (för få svar)", "Hidden before or after (too few answers)"), "n"),
        (("Utan resultat före eller efter", "Without results before or after"), "n"),
    )
    rows = [
        (
            both(wave_name(wave["wave"])),
            str(wave["units"]),
            str(wave["not_compared"]["hidden"]),
            str(wave["not_compared"]["missing"]),
        )
        for wave in waves
    ]
    return table(head, rows)


def releases(rows: Sequence[Mapping[str, Any]]) -> str:
    head: list[tuple[Words, str]] = [
        (("Släpp", "Release"), ""),
        (("Enheter", "Units"), "n"),
        *((words, "n") for words in BEHAVIOURS.values()),
    ]
    cells = [
        [both(_release_name(release)), str(release["units"])]
        + [
            both(NOT_SHOWN) if index is None else str(index)
            for index in release["behaviours"].values()
        ]
        for release in rows
    ]
    shown = sum(release["visibility"] == "shown" for release in rows)
    summary = both((f"Alla {len(rows)} släpp", f"All {len(rows)} releases"))
    return (
        heading("Vad andra system fick veta", "What other systems were told")
        + paragraph(
            f"{len(rows)} släpp, {shown} av dem visade: varje släpp för sig, hela regionen samlad. "
            "Enheter som börjar en omgång samtidigt släpps tillsammans. Två släpp kan alltså gälla "
            "olika enheter och jämförs inte; ett släpp med en enda enhet visas aldrig.",
            f"{len(rows)} releases, {shown} of them shown: each by itself, the whole region "
            "together. Units that begin a round together are released together. So two releases "
            "may be about different units and are not compared; a release of a single unit is "
            "never shown.",
        )
        + f"<details><summary>{summary}</summary>{table(head, cells)}</details>"
    )


def _release_name(release: Mapping[str, Any]) -> Words:
    waves, occasion = [wave_name(wave) for wave in release["waves"]], OCCASIONS[release["occasion"]]
    swedish, english = (" + ".join(wave[n] for wave in waves) for n in (0, 1))
    return f"{swedish}, {occasion[0]}", f"{english}, {occasion[1]}"


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
