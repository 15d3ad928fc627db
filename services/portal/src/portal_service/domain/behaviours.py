"""The seven behaviours in words: what each means, and how it can look on an ordinary day."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal_service.domain.marking import N_


@dataclass(frozen=True, slots=True)
class Behaviour:
    means: str
    example: str
    try_it: str


BEHAVIOURS: Mapping[str, Behaviour] = {
    "engagement": Behaviour(
        N_(
            "To see one's own work as a part of the whole, to want it to go well, and to do what"
            " one has promised without being asked twice."
        ),
        N_(
            "A routine fails on a Friday afternoon. Instead of working round it once more, two"
            " colleagues write down what happened and bring it to the next workplace meeting."
        ),
        N_("Which part of the unit's results can I influence myself this week?"),
    ),
    "consideration": Behaviour(
        N_(
            "To notice how others are, to share what one knows, and to see to it that everybody is"
            " counted in."
        ),
        N_(
            "A colleague comes back from a course. Somebody asks what was new, and the meeting gets"
            " ten minutes for it, so that all of the unit learns."
        ),
        N_("Whom have I not asked for a while how it goes?"),
    ),
    "constructive_confrontation": Behaviour(
        N_(
            "To say what does not work to the person whom it concerns, early, in a way that helps,"
            " and to be able to hear it oneself."
        ),
        N_(
            "The handover between two shifts is often late. One of them says so to the other, says"
            " what it leads to, and asks how both could make it easier."
        ),
        N_("What do I talk about with others, although it belongs to one person?"),
    ),
    "supports_manager": Behaviour(
        N_(
            "To help the manager to lead: with facts, with honest answers, and by standing by what"
            " was decided together."
        ),
        N_(
            "Before a decision about the schedule a group gathers what speaks for and against each"
            " choice. Afterwards all try what was decided, also those who wanted something else."
        ),
        N_("What does my manager need to know that only I see?"),
    ),
    "positive_attitude": Behaviour(
        N_(
            "To look for what can be done, to speak well of colleagues and of the work, and to give"
            " a change an honest try."
        ),
        N_(
            "A new way of booking is slower at first. The unit decides to try it for four weeks and"
            " to write down both what was better and what was worse."
        ),
        N_("What worked well today, and to whom have I said so?"),
    ),
    "creativity": Behaviour(
        N_(
            "To ask questions about how things are done, to try ideas on a small scale, and to"
            " learn from those that did not work."
        ),
        N_(
            "Ideas go into a box at the coffee machine. One a month is tried, and whoever put it"
            " there is answered: kept, changed or dropped, and why."
        ),
        N_("Which habit of ours would a newcomer wonder about?"),
    ),
    "stress_handling": Behaviour(
        N_(
            "To know one's own signs of too much, to say so in time, and to help others to choose"
            " what can wait."
        ),
        N_(
            "In the morning the group goes through the day and says together what is left out if"
            " somebody falls ill, before it happens."
        ),
        N_("What can I put away this week, and with whom do I agree on it?"),
    ),
}
