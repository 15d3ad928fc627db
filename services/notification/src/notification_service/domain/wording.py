"""Words that no message may hold: a mail is a pointer, never a place for results or health.

Matched as parts of words, in either language, whatever the case.
"""

FORBIDDEN = (
    # results
    "score", "rating", "percent", "per cent", "average", "index", "ranking",
    "poäng", "betyg", "procent", "medelvärde", "resultat", "rangordning",
    # free text
    "comment", "feedback", "kommentar", "synpunkt", "fritext",
    # health
    "health", "stress", "sick", "illness", "burnout", "diagnos", "well-being", "wellbeing",
    "hälsa", "sjuk", "ohälsa", "utmatt", "utbränd", "välmående", "mående",
)  # fmt: skip


def forbidden_words(text: str) -> list[str]:
    """The forbidden words that the text holds."""
    lowered = text.lower()
    return [word for word in FORBIDDEN if word in lowered]
