"""The report's words in Swedish and English, and how both stand in one document.

Every text is written twice, each marked with its language; the page shows the one that is chosen.
"""

from html import escape

Words = tuple[str, str]

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
OUTCOMES: dict[str, Words] = {
    "pass": ("Godkänd", "Pass"),
    "fail": ("Underkänd", "Fail"),
    "inconclusive": ("Går inte att avgöra", "Inconclusive"),
    "broad_introduction": ("Breddinförande", "Wide introduction"),
    "adjusted_pilot": ("Justerad pilot", "Adjusted pilot"),
    "stop": ("Avslut", "Stop"),
}
CRITERIA: dict[str, Words] = {
    "participation": ("Deltagande i självskattningen", "Participation in the self-assessment"),
    "meetings-held": ("Arbetsplatsträffar hållna", "Workplace meetings held"),
    "actions-chosen": ("Valda åtgärder", "Actions chosen"),
    "actions-checked-back": ("Åtgärder följda upp", "Actions checked back"),
    "modules-completed": ("Moduler genomförda", "Modules completed"),
    "change-since-baseline": ("Förändring sedan nuläget", "Change since baseline"),
}
MARKS: dict[str, Words] = {
    "gate": ("Avstämning", "Gate"),
    "override": ("Åsidosatt", "Override"),
    "decision": ("Beslut", "Decision"),
    "killed": ("Dödad process", "Process killed"),
    "manager": ("Chefsbyte", "New manager"),
}
PREREQUISITES: dict[str, Words] = {
    "risk_assessment": ("riskbedömning", "risk assessment"),
    "joint_consultation": ("samverkan", "joint consultation"),
}
CHECKS: dict[str, Words] = {
    "events_published": ("Händelser, databas till Kafka", "Events, database to Kafka"),
    "units_registered": ("Enheter i filen, som händelser", "Units of the file, as events"),
    "rounds_opened": ("Omgångar per enhet och tillfälle", "Rounds per unit and occasion"),
    "results_released": ("Resultat släppta, ett per omgång", "Results released, one per round"),
    "rounds_anonymised": ("Omgångar med förstörd nyckel", "Rounds with their key destroyed"),
    "invitations_mailed": ("Inbjudningar, en per person", "Invitations, one per person"),
    "answers_counted": ("Godtagna svar, räknade i resultaten", "Accepted answers, in results"),
    "meetings": ("Träffar, anmälda till händelser", "Meetings, reported to events"),
    "actions": ("Åtgärder, anmälda till händelser", "Actions, reported to events"),
    "check_backs": ("Uppföljda åtgärder", "Actions checked back"),
    "journeys_completed": ("Enheter framme", "Units at their goal"),
    "mails_delivered": ("Utskick som mejl, efter Message-ID", "Messages as mails, by Message-ID"),
    "webhooks_verified": ("Webhooks med rätt signatur", "Webhooks with the right signature"),
    "foreign_subscriber": ("Läst av främmande system", "Read by a foreign system"),
}


def wave_name(wave: int) -> Words:
    return ("Pilot", "Pilot") if wave == 0 else (f"Våg {wave}", f"Wave {wave}")


def number(value: float, decimals: int = 0) -> Words:
    """A number with the language's separators."""
    english = f"{value:,.{decimals}f}"
    return english.replace(",", "\u00a0").replace(".", ","), english


def both(words: Words, tag: str = "span") -> str:
    """Both languages, each in an element marked with it."""
    swedish, english = (escape(word) for word in words)
    if swedish == english:
        return swedish
    return f'<{tag} lang="sv">{swedish}</{tag}><{tag} lang="en">{english}</{tag}>'


def plain(words: Words) -> str:
    """Both languages where no markup can stand."""
    return escape(" / ".join(dict.fromkeys(words)))
