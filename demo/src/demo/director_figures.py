"""The director's charts and tables: units, before and after, participation, minutes."""

from collections.abc import Mapping, Sequence
from typing import Any

from demo import portal_pieces
from demo.charts import Row, Scale, Shape, chart, legend
from demo.figures import BANDS
from demo.markup import Html, details, element, join, paragraph, section, table
from demo.wording import HIDDEN, OCCASIONS, STEPS, Language, wave_name

_SAMPLE = " (exempel)"


def _times(start: float, end: float, scale: Scale, say: Language) -> str:
    begun, ended = (say.clock(scale.moment(seconds)) for seconds in (start, end))
    return f"{begun}–{ended}"


def journeys(units: Sequence[Mapping[str, Any]], scale: Scale, say: Language) -> Html:
    """Each unit's steps as bars, and the same as a table."""
    rows = [Row(name(unit), _steps(unit, scale, say)) for unit in units]
    meaning = [(step, say(*words)) for step, words in STEPS.items() if step != "after_care"]
    head = [(say("Enhet", "Unit"), ""), (say("Våg", "Wave"), "")]
    head += [(words, "n") for _, words in meaning]
    cells = []
    for unit in units:
        times = {s["step"]: _times(s["from"], s["to"], scale, say) for s in unit["steps"]}
        cells.append(
            [name(unit), say(*wave_name(unit["wave"]))]
            + [times.get(step, "–") for step, _ in meaning]
        )
    return section(
        say("Enheternas väg", "The units' journeys"),
        paragraph(
            say(
                "Alla enheter går samma väg: förberedelse, nuläge, moduler och uppföljning.",
                "All units go the same way: preparation, baseline, modules and follow-up.",
            )
        ),
        *_pauses(units, scale, say),
        legend([*meaning, ("pause", say("Paus", "Pause"))]),
        chart(rows, scale.ticks(say), "dense"),
        details(say("Samma uppgifter som tabell", "The same as a table"), table(head, cells)),
    )


def name(unit: Mapping[str, Any]) -> str:
    """A unit's name; the page says that all is sample data."""
    return str(unit["name"]).removesuffix(_SAMPLE)


def _steps(unit: Mapping[str, Any], scale: Scale, say: Language) -> list[Shape]:
    spans = [(s["step"], say(*STEPS[s["step"]]), s) for s in unit["steps"]]
    spans += [("pause", say("Paus", "Pause"), pause) for pause in unit["pauses"]]
    return [
        scale.shape(css, s["from"], s["to"], f"{words} {_times(s['from'], s['to'], scale, say)}")
        for css, words, s in spans
    ]


def _pauses(units: Sequence[Mapping[str, Any]], scale: Scale, say: Language) -> list[Html]:
    return [
        paragraph(
            say(
                f"{name(unit)} pausades {say.moment(scale.moment(pause['from']))} och fortsatte "
                f"kl. {say.clock(scale.moment(pause['to']))}. De andra enheterna väntade inte.",
                f"{name(unit)} was paused on {say.moment(scale.moment(pause['from']))} and "
                f"continued at {say.clock(scale.moment(pause['to']))}. The other units did not "
                "wait.",
            )
        )
        for unit in units
        for pause in unit["pauses"]
    ]


def before_after(compared: Sequence[Mapping[str, Any]], say: Language) -> Html:
    """Each wave against its units' own baseline, by behaviour in the instrument's order."""
    return section(
        say("De sju beteendena, före och efter", "The seven behaviours, before and after"),
        paragraph(
            say(
                "Varje enhet jämförs bara med sitt eget nuläge. Värdet är medel av enheternas "
                "index. Är färre än två enheter jämförbara visas inget. Ordningen är "
                "självskattningens och är ingen rangordning. Svaren är påhittade, och ett före "
                "och efter bevisar ingen effekt.",
                "Each unit is compared only with its own baseline. The value is the mean of the "
                "units' indexes. If fewer than two units can be compared, nothing is shown. The "
                "order is that of the self-assessment and is no ranking. The answers are "
                "invented, and a before and after proves no effect.",
            )
        ),
        *(
            join(
                element("h3", say(*wave_name(wave["wave"]))),
                paragraph(_compared(wave, say), css="soft"),
                portal_pieces.changes(wave["behaviours"], say),
            )
            for wave in compared
        ),
        _not_compared(compared, say),
    )


def _compared(wave: Mapping[str, Any], say: Language) -> str:
    """How many units the values are of: the least and the most of all behaviours."""
    counts = {means["units"] if means else 0 for means in wave["behaviours"].values()}
    units = "–".join(str(one) for one in sorted({min(counts), max(counts)}))
    return say(f"Jämförda enheter: {units}.", f"Units compared: {units}.")


def _not_compared(compared: Sequence[Mapping[str, Any]], say: Language) -> Html:
    head = (
        (say("Våg", "Wave"), ""),
        (say("Enheter i vågen", "Units in the wave"), "n"),
        (
            say("Enheter dolda före eller efter (för få svar)", "Units hidden (too few answers)"),
            "n",
        ),
        (say("Enheter utan resultat före eller efter", "Units without results"), "n"),
    )
    rows = [
        (
            say(*wave_name(wave["wave"])),
            str(wave["units"]),
            str(wave["not_compared"]["hidden"]),
            str(wave["not_compared"]["missing"]),
        )
        for wave in compared
    ]
    return table(head, rows)


def participation(rows: Sequence[Mapping[str, Any]], say: Language) -> Html:
    """How many units are in each band."""
    head = [(say("Självskattning", "Self-assessment"), "")]
    percent = say("\u00a0%", "%")
    head += [(band.replace("-", "–") + percent, "n") for band in BANDS]
    head += [(say(*HIDDEN), "n")]
    cells = [
        [
            f"{say(*wave_name(row['wave']))}, {say(*OCCASIONS[row['occasion']])}",
            *(str(row["bands"][band]) for band in BANDS),
            str(row["hidden"]),
        ]
        for row in rows
    ]
    return section(
        say("Deltagande", "Participation"),
        paragraph(
            say(
                "Antal enheter efter hur stor andel av medarbetarna som svarade. Andelen visas i "
                "intervall, så att ingen kan räkna ut vem som svarade. Små enheter har ett bredare "
                "intervall, 75–100\u00a0%.",
                "The number of units by the share of employees who answered. The share is shown "
                "in bands, so that nobody can work out who answered. Small units have a wider "
                "band, 75–100%.",
            )
        ),
        table(head, cells),
    )


def minutes(asked: Mapping[str, Mapping[str, int]], say: Language) -> Html:
    """The working time that the template asks of each person."""
    roles = ("manager", "employee")
    head = (
        (say("Steg", "Step"), ""),
        (say("Chef", "Manager"), "n"),
        (say("Medarbetare", "Employee"), "n"),
    )
    total = {role: sum(asked[role].values()) for role in roles}

    def drawn(role: str, step: str) -> Html:
        part, title = asked[role][step], say(*STEPS[step])
        said = say(f"{part} minuter", f"{part} minutes")
        name = f"minutes-{role}-{step}"
        return join(said, " ", portal_pieces.share(name, title, said, part, total[role], say))

    rows = [[say(*words), *(drawn(role, step) for role in roles)] for step, words in STEPS.items()]
    rows.append(
        [
            element("strong", say("Totalt", "In total")),
            *(
                element("strong", say(f"{total[role]} minuter", f"{total[role]} minutes"))
                for role in roles
            ),
        ]
    )
    return section(
        say("Arbetstid som införandet begär", "Working time that the introduction asks for"),
        paragraph(
            say(
                "Per person, enligt införandets mall. Tiden gäller hela införandet, inte den "
                "förkortade körningen.",
                "For each person, by the introduction's template. The time is that of a real "
                "introduction, not of the shortened run.",
            )
        ),
        table(head, rows),
    )
