"""The director's page: what is introduced and how far it is, the decision, the waves, the results.

Days and times of day, no counts of technology. The order is that of the questions a director asks.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from demo import director_figures as figures
from demo import portal_pieces
from demo.charts import Scale
from demo.markup import Html, element, facts, join, paragraph, section, table, tiles
from demo.wording import (
    CRITERIA,
    HIDDEN,
    MARKS,
    OUTCOMES,
    PEOPLE,
    PHASES,
    PREREQUISITES,
    STATUSES,
    Language,
    wave_name,
)

_COLOURS = {"pass": "good", "fail": "bad", "inconclusive": "warn"}


def content(result: Mapping[str, Any], say: Language) -> Html:
    """Everything between the page's navigation and its foot."""
    line = result["timeline"]
    scale = Scale(datetime.fromisoformat(line["begun_at"]), float(line["seconds"]))
    return join(
        _header(result, say),
        _gate(result, say),
        _decision(result["decision"], say),
        _timetable(result, scale, say),
        figures.journeys(line["units"], scale, say),
        figures.before_after(result["before_after"], say),
        figures.participation(result["participation"], say),
        figures.minutes(result["minutes_asked"], say),
    )


def _header(result: Mapping[str, Any], say: Language) -> Html:
    title = say(
        "Utvecklande medarbetarskap: från pilot till hela regionen",
        "Developmental employeeship: from pilot to the whole region",
    )
    lead = say(
        "Regionen inför ett gemensamt arbetssätt i alla enheter. Det bygger på sju beteenden på "
        "jobbet. Fyra enheter prövade först. Sedan utvärderades piloten, ett beslut togs, och de "
        "andra enheterna följde i vågor.",
        "The region introduces a common way of working in all its units. It builds on seven "
        "behaviours at work. Four units tried it first. Then the pilot was evaluated, a decision "
        "was made, and the other units followed in waves.",
    )
    short = say(
        "Tiden är förkortad i den här körningen: det som annars tar många månader tog några "
        "minuter. Därför ligger klockslagen tätt.",
        "Time is shortened in this run: what otherwise takes many months took a few minutes. "
        "That is why the times are so close together.",
    )
    return element(
        "header",
        element("h1", title),
        paragraph(lead, css="lead"),
        paragraph(element("strong", _status(result, say))),
        portal_pieces.phases(result["rollout"], say),
        _tiles(result, say),
        paragraph(short, css="soft"),
    )


def _tiles(result: Mapping[str, Any], say: Language) -> Html:
    through, units = result["units_by_state"].get("completed", 0), result["units"]
    size = {wave["wave"]: wave["units"] for wave in result["waves"]}
    return tiles(
        (
            (
                say(f"{through} av {units}", f"{through} of {units}"),
                say("enheter är klara", "units are through"),
            ),
            (str(size[0]), say("pilotenheter", "pilot units")),
            (str(len(size) - 1), say("vågor efter piloten", "waves after the pilot")),
            (say.number(result["answers"]), say("svar på självskattningen", "self-assessments")),
        )
    )


def _status(result: Mapping[str, Any], say: Language) -> str:
    rollout = result["rollout"]
    phase, status = say(*PHASES[rollout["phase"]]), say(*STATUSES[rollout["status"]])
    if rollout["status"] != "completed":
        return say(f"Läget: {phase}, {status}.", f"Status: {phase}, {status}.")
    days = sorted({day for unit in result["timeline"]["units"] for day in unit["after_care_on"]})
    planned = say.list([say.day(date.fromisoformat(day)) for day in days])
    return say(
        f"Läget: införandet är genomfört. Enheterna följs upp igen den {planned}.",
        f"Status: the introduction is completed. The units are looked at again on {planned}.",
    )


def _gate(result: Mapping[str, Any], say: Language) -> Html:
    gate, units = result["gate"], result["timeline"]["units"]
    pilots = [figures.name(unit) for unit in units if unit["wave"] == 0]
    head = (
        (say("Kriterium", "Criterion"), ""),
        (say("Värde", "Value"), "n"),
        (say("Gräns", "Threshold"), "n"),
        (say("Utfall", "Outcome"), ""),
        (say("Källa", "Source"), ""),
    )
    return section(
        say("Piloten och dess utvärdering", "The pilot and its evaluation"),
        paragraph(say("Piloten gjordes i:", "The pilot was run in:")),
        element("ul", *(element("li", name) for name in pilots)),
        paragraph(
            say(
                "En avstämning jämför piloten med gränser som var satta i förväg. Den har tre "
                "utfall. Ett värde som saknas eller är dolt räknas aldrig som godkänt. Då måste "
                "en människa ta ställning och skriva varför.",
                "A gate compares the pilot with thresholds that were set in advance. It has three "
                "outcomes. A value that is missing or hidden never counts as a pass. Then a "
                "person must decide, and write why.",
            )
        ),
        table(head, [_criterion(criterion, say) for criterion in gate["criteria"]]),
        _override(gate, say),
    )


def _criterion(criterion: Mapping[str, Any], say: Language) -> Sequence[str]:
    name, source = CRITERIA[criterion["code"]]
    points = criterion["code"] == "change-since-baseline"
    hidden = criterion["hidden"] or criterion["value"] is None

    def amount(value: float) -> str:
        return (
            say.number(value) + say("\u00a0steg", "\u00a0points") if points else say.percent(value)
        )

    def drawn(value: float) -> Html:
        said = amount(value)
        bar = portal_pieces.criterion(criterion, said, amount(criterion["threshold"]), say)
        return join(said, " ", bar)

    return (
        say(*name)
        + (
            say(" (visas, avgör inte)", " (shown, does not decide)") if criterion["dry_run"] else ""
        ),
        say(*HIDDEN) if hidden else drawn(criterion["value"]),
        say("minst\u00a0", "at\u00a0least\u00a0") + amount(criterion["threshold"]),
        element("span", say(*OUTCOMES[criterion["outcome"]]), css=_COLOURS[criterion["outcome"]]),
        say(*source),
    )


def _override(gate: Mapping[str, Any], say: Language) -> Html:
    """Who set the gate's outcome instead, and why."""
    override = gate.get("override")
    if not override:
        return Html()
    moment = say.moment(datetime.fromisoformat(override["at"]))
    before, after = say(*OUTCOMES[gate["evaluated"]]), say(*OUTCOMES[override["outcome"]])
    who = say(*PEOPLE[override["by"]])
    return element(
        "blockquote",
        paragraph(
            say(
                f"Utfallet ändrades {moment} av {who}: från ”{before}” till ”{after}”. Skälet:",
                f"Overridden on {moment} by {who}: from “{before}” to “{after}”. The reason:",
            )
        ),
        _quote(override["reason"], say),
    )


def _quote(text: str, say: Language) -> Html:
    """What an administrator wrote, in Swedish, is shown as it was written."""
    return join(element("q", text, lang="sv"), say("", " (written in Swedish)"))


def _decision(decision: Mapping[str, Any], say: Language) -> Html:
    moment = say.moment(datetime.fromisoformat(decision["at"]))
    proposed, approved = decision["proposed_by"], decision["approved_by"]
    return section(
        say("Beslutet", "The decision"),
        facts(
            (
                (say("Beslut", "Decision"), say(*OUTCOMES[decision["outcome"]])),
                (say("Godkänt", "Approved"), moment),
                (say("Diarienummer", "Diary number"), decision["diary_number"]),
                (say("Föreslaget av", "Proposed by"), say(*PEOPLE[proposed])),
                (
                    say("Godkänt av", "Approved by"),
                    say(*PEOPLE[approved]) if approved else say("ingen än", "nobody yet"),
                ),
                (say("Skäl", "Reasons"), _quote(decision["reasons"], say)),
            )
        ),
        paragraph(
            say(
                "Den som föreslår ett beslut får inte godkänna det.",
                "The person who proposes a decision cannot approve it.",
            ),
            css="soft",
        ),
    )


def _timetable(result: Mapping[str, Any], scale: Scale, say: Language) -> Html:
    head = (
        (say("Våg", "Wave"), ""),
        (say("Enheter", "Units"), "n"),
        (say("Planerad start", "Planned start"), ""),
        (say("Start", "Start"), ""),
        (say("Klar", "Completed"), ""),
        (say("Klart före start", "Done before the start"), ""),
    )
    rows = [
        (
            say(*wave_name(wave["wave"])),
            str(wave["units"]),
            *(_moment(wave[name], say) for name in ("planned_start", "started_at", "completed_at")),
            say.list([say(*PREREQUISITES[kind]) for kind in wave["prerequisites"]]),
        )
        for wave in result["waves"]
    ]
    return section(
        say("Tidplanen", "The timetable"),
        portal_pieces.waves(result["waves"], scale.moment(scale.seconds), say),
        table(head, rows),
        element("h3", say("Viktiga händelser", "Important events")),
        _marks(result["timeline"]["marks"], scale, say),
    )


def _moment(moment: str | None, say: Language) -> str:
    return say.moment(datetime.fromisoformat(moment)) if moment else "–"


def _marks(marks: Sequence[Mapping[str, Any]], scale: Scale, say: Language) -> Html:
    start: Mapping[str, Any] = {"at": 0.0, "kind": "started", "outcome": ""}
    shown = [start, *sorted(marks, key=lambda mark: float(mark["at"]))]
    return facts(
        (
            say.moment(scale.moment(mark["at"])),
            say(*MARKS[mark["kind"]])
            + (f": {say(*OUTCOMES[mark['outcome']])}" if mark["outcome"] else ""),
        )
        for mark in shown
        if mark["kind"] != "killed"
    )
