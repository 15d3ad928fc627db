"""The report's words in pairs, Swedish and English, and the language that a page is written in."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Words = tuple[str, str]
_ZONE = ZoneInfo("Europe/Stockholm")
_MONTHS: tuple[Words, ...] = (
    ("januari", "January"),
    ("februari", "February"),
    ("mars", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augusti", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
)


@dataclass(frozen=True)
class Language:
    """The language of a page. Call it with both texts to get the right one."""

    code: Literal["sv", "en"]

    def __call__(self, swedish: str, english: str) -> str:
        return swedish if self.code == "sv" else english

    def number(self, value: float, decimals: int = 0) -> str:
        """A number with the language's separators."""
        english = f"{value:,.{decimals}f}"
        return self(english.replace(",", "\u00a0").replace(".", ","), english)

    def percent(self, value: float) -> str:
        return self.number(value) + self("\u00a0%", "%")

    def day(self, day: date) -> str:
        """Such as "29 november 2026"."""
        return f"{day.day} {self(*_MONTHS[day.month - 1])} {day.year}"

    def clock(self, moment: datetime) -> str:
        """Swedish time of day, such as "01.04"."""
        local = moment.astimezone(_ZONE)
        return self(f"{local:%H.%M}", f"{local:%H:%M}")

    def moment(self, moment: datetime) -> str:
        """Day and Swedish time, such as "29 november 2026 kl. 01.04"."""
        day, time = self.day(moment.astimezone(_ZONE)), self.clock(moment)
        return self(f"{day} kl.\u00a0{time}", f"{day} at\u00a0{time}")

    def list(self, names: list[str]) -> str:
        """Such as "a, b och c"."""
        if len(names) < 2:
            return "".join(names)
        return f"{', '.join(names[:-1])} {self('och', 'and')} {names[-1]}"


SWEDISH, ENGLISH = Language("sv"), Language("en")

STEPS: dict[str, Words] = {
    "preparation": ("Förberedelse", "Preparation"),
    "baseline": ("Nuläge", "Baseline"),
    "modules": ("Moduler", "Modules"),
    "follow_up": ("Uppföljning", "Follow-up"),
    "after_care": ("Förvaltningsfas", "After-care"),
}
BEHAVIOURS: dict[str, Words] = {
    "engagement": ("Är engagerad och tar ansvar", "Is engaged and takes responsibility"),
    "consideration": ("Visar personlig omtänksamhet", "Shows personal consideration"),
    "constructive_confrontation": ("Konfronterar konstruktivt", "Confronts constructively"),
    "supports_manager": ("Stöttar chefen", "Supports the manager"),
    "positive_attitude": ("Visar ett positivt förhållningssätt", "Shows a positive attitude"),
    "creativity": ("Inspirerar till kreativitet", "Inspires creativity"),
    "stress_handling": ("Har god stresshanteringsförmåga", "Handles stress well"),
}
OCCASIONS: dict[str, Words] = {
    "baseline": ("nuläge", "baseline"),
    "follow_up": ("uppföljning", "follow-up"),
}
NOT_SHOWN: Words = ("visas inte", "not shown")
HIDDEN: Words = ("dolt (för få svar)", "hidden (too few answers)")
OUTCOMES: dict[str, Words] = {
    "pass": ("Godkänd", "Pass"),
    "fail": ("Underkänd", "Fail"),
    "inconclusive": ("Går inte att avgöra", "Inconclusive"),
    "broad_introduction": ("Breddinförande", "Wide introduction"),
    "adjusted_pilot": ("Justerad pilot", "Adjusted pilot"),
    "stop": ("Avslut", "Stop"),
}
# Each criterion of the gate: its name, and where its value comes from.
CRITERIA: dict[str, tuple[Words, Words]] = {
    "participation": (
        ("Deltagande i självskattningen", "Participation in the self-assessment"),
        (
            "Visade resultat, nuläge och uppföljning",
            "Released results, baseline and follow-up",
        ),
    ),
    "meetings-held": (
        ("Enheter som höll arbetsplatsträff", "Units that held a workplace meeting"),
        ("Chefernas anteckning om hållna träffar", "Meetings that managers recorded as held"),
    ),
    "actions-chosen": (
        ("Enheter som valde en handling", "Units that chose an action"),
        ("Valda handlingar", "Chosen actions"),
    ),
    "actions-checked-back": (
        ("Enheter som följde upp sin handling", "Units that looked back at their action"),
        ("Uppföljda handlingar", "Actions checked back"),
    ),
    "modules-completed": (
        ("Enheter som gick klart modulerna", "Units that completed the modules"),
        ("Avslutade moduler", "Completed modules"),
    ),
    "change-since-baseline": (
        ("Förändring sedan nuläget", "Change since the baseline"),
        ("Visade resultat, uppföljning minus nuläge", "Released results, follow-up minus baseline"),
    ),
}
MARKS: dict[str, Words] = {
    "started": ("Piloten började", "The pilot began"),
    "gate": ("Avstämning", "Gate"),
    "override": ("Avstämningens utfall ändrat", "Outcome of the gate overridden"),
    "decision": ("Beslut godkänt", "Decision approved"),
    "killed": ("Arbetsflödets process stoppad", "Workflow process killed"),
    "manager": ("En enhet fick ny chef", "A unit got a new manager"),
}
PHASES: dict[str, Words] = {
    "preparation": ("förberedelse", "preparation"),
    "pilot": ("pilot", "pilot"),
    "evaluation": ("utvärdering", "evaluation"),
    "decision": ("beslut", "decision"),
    "broad_introduction": ("breddinförande", "wide introduction"),
    "after_care": ("förvaltning", "after-care"),
}
STATUSES: dict[str, Words] = {
    "active": ("pågår", "in progress"),
    "paused": ("pausat", "paused"),
    "completed": ("genomfört", "completed"),
    "stopped": ("avslutat i förtid", "stopped early"),
}
# The sample administrators by the name that they sign in with.
PEOPLE: dict[str, Words] = {
    "administrator": ("Exempelperson 0001, administratör", "Exempelperson 0001, administrator"),
    "second-administrator": (
        "Exempelperson 0002, administratör",
        "Exempelperson 0002, administrator",
    ),
}
PREREQUISITES: dict[str, Words] = {
    "risk_assessment": ("riskbedömning", "risk assessment"),
    "joint_consultation": ("samverkan", "joint consultation"),
}


def wave_name(wave: int) -> Words:
    return ("Pilot", "Pilot") if wave == 0 else (f"Våg\u00a0{wave}", f"Wave\u00a0{wave}")
