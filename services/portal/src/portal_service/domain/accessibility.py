"""What does not work yet for everybody, for the accessibility statement (Swedish law 2018:1937)."""

from dataclasses import dataclass
from datetime import date

from portal_service.domain.marking import N_

REVIEWED_ON = date(2026, 11, 30)
SUPERVISOR = "https://www.digg.se/tdosanmalan"
"""Where whoever is not content with the answer complains (the law's section 16)."""
LONGEST_REPORT = 280  # characters; with `REPORT` before it a question has 300 at most.
REPORT = N_("Accessibility")


@dataclass(frozen=True, slots=True)
class Shortcoming:
    what: str
    instead: str


SHORTCOMINGS = (
    Shortcoming(
        N_("Wide tables are scrolled sideways on a narrow screen."),
        N_("The same facts are in the CSV file that the page links to, or in the unit's own page."),
    ),
    Shortcoming(
        N_("Films lie with the organisation that made them, and may lack audio description."),
        N_("Each film has its transcript here, as text."),
    ),
    Shortcoming(
        N_("Texts that an administrator wrote in one language only are shown in that language."),
        N_("They are marked with their language, so that a screen reader reads them rightly."),
    ),
)
