"""Words that no message may contain, because a mail must not contain results or health data.

They also match as parts of longer words, in both languages and in upper and lower case.
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
    """The forbidden words that the text contains."""
    lowered = text.lower()
    return [word for word in FORBIDDEN if word in lowered]
