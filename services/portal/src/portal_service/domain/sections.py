"""The public sections of the portal, and the kind of article that each shows."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

SECTIONS: Mapping[str, str] = {
    "news": "news",
    "answers": "question",
    "films": "film",
    "courses": "e_learning",
}
"""Kind by the first part of the address."""
TITLES: Mapping[str, str] = {
    "news": N_("News"),
    "answers": N_("Questions and answers"),
    "films": N_("Films"),
    "courses": N_("Courses"),
}
DESCRIPTIONS: Mapping[str, str] = {
    "news": N_("What is new in the introduction of developmental employeeship."),
    "answers": N_("Questions that were asked about developmental employeeship, with answers."),
    "films": N_("Films about developmental employeeship, with captions and transcripts."),
    "courses": N_("Courses about developmental employeeship."),
}
"""For search engines."""
EMPTY: Mapping[str, str] = {
    "news": N_("Nothing is published yet."),
    "answers": N_("No question is answered yet."),
    "films": N_("No film is published yet."),
    "courses": N_("No course is published yet."),
}


def address_of(kind: str, id_: str) -> str:
    """Where it is read: a module by those who are signed in, the rest by everybody."""
    if kind == "module":
        return f"/modules/{id_}"
    section = next((name for name, of in SECTIONS.items() if of == kind), None)
    return f"/{section}/{id_}" if section else ""
