"""What waits for somebody, in words: what to do, and why it is asked."""

from collections.abc import Mapping
from typing import Literal

from portal_service.domain.marking import N_

Kind = Literal[
    "answer",
    "meeting",
    "action",
    "check_back",
    "decide",
    "gate",
    "prerequisite",
    "share",
    "questions",
    "review",
    "look_again",
    "dead_letters",
    "findings",
]

TITLES: Mapping[Kind, str] = {
    "answer": N_("Answer the self-assessment"),
    "meeting": N_("Hold a workplace meeting"),
    "action": N_("Choose an action"),
    "check_back": N_("Check back on the action"),
    "decide": N_("Approve or reject a decision"),
    "gate": N_("Judge an inconclusive gate"),
    "prerequisite": N_("Record a legal prerequisite"),
    "share": N_("Hand in the custodian's share"),
    "questions": N_("Answer questions in the inbox"),
    "review": N_("Review an article"),
    "look_again": N_("Look at an answer again"),
    "dead_letters": N_("Handle dead letters"),
    "findings": N_("Look at the platform"),
}
WHY: Mapping[Kind, str] = {
    "answer": N_("Everybody in the unit is asked, so that the unit can see itself as a whole."),
    "meeting": N_("The unit's journey goes on when a meeting is held and recorded."),
    "action": N_("The unit's journey goes on when it has chosen what to practise."),
    "check_back": N_("The unit's journey goes on when it has looked back at its action."),
    "decide": N_("A decision is proposed. Somebody else than its proposer approves or rejects it."),
    "gate": N_("Values are missing or hidden. A person judges whether the rollout goes on."),
    "prerequisite": N_(
        "A wave does not start before its risk assessment and joint consultation are recorded."
    ),
    "share": N_("The rounds have closed. Without the share, no result is released."),
    "questions": N_("Those who asked wait for an answer."),
    "review": N_("It is written, and is published when somebody has reviewed it."),
    "look_again": N_("Everybody reads it, and the day to look at it again has come."),
    "dead_letters": N_("What these events say has not taken effect everywhere."),
    "findings": N_("Something does not work as it should, or has waited for too long."),
}
