"""The codes of the services in words."""

from collections.abc import Mapping

from portal_service.domain.decision_texts import DECISION_STATUSES as DECISION_STATUSES
from portal_service.domain.decision_texts import DECISION_TONES
from portal_service.domain.delivery_texts import DELIVERY_REASONS as DELIVERY_REASONS
from portal_service.domain.delivery_texts import DELIVERY_STATUSES as DELIVERY_STATUSES
from portal_service.domain.delivery_texts import DISABLED_REASONS as DISABLED_REASONS
from portal_service.domain.delivery_texts import SUBSCRIPTION_STATUSES as SUBSCRIPTION_STATUSES
from portal_service.domain.health_texts import BACKLOGS as BACKLOGS
from portal_service.domain.health_texts import FINDINGS as FINDINGS
from portal_service.domain.health_texts import HEALTH as HEALTH
from portal_service.domain.health_texts import HEALTH_TONES
from portal_service.domain.health_texts import LIMITS as LIMITS
from portal_service.domain.library_texts import IMPORT_STEPS as IMPORT_STEPS
from portal_service.domain.library_texts import ITEM_STATUSES as ITEM_STATUSES
from portal_service.domain.library_texts import MEASURES as MEASURES
from portal_service.domain.library_texts import MODULE_KINDS as MODULE_KINDS
from portal_service.domain.library_texts import ORDERS as ORDERS
from portal_service.domain.library_texts import PLACES as PLACES
from portal_service.domain.library_texts import ROLLOUT_FIELDS as ROLLOUT_FIELDS
from portal_service.domain.marking import N_
from portal_service.domain.organisation_texts import ACT_FIELDS as ACT_FIELDS
from portal_service.domain.organisation_texts import LANGUAGE_NAMES as LANGUAGE_NAMES
from portal_service.domain.organisation_texts import ROUND_STATUSES as ROUND_STATUSES
from portal_service.domain.organisation_texts import SOURCES as SOURCES
from portal_service.domain.organisation_texts import UNIT_CHANGE_STATUSES as UNIT_CHANGE_STATUSES
from portal_service.domain.organisation_texts import UNIT_CHANGES as UNIT_CHANGES
from portal_service.domain.reasons import REASONS as REASONS
from portal_service.domain.reasons import UNKNOWN_REASON
from portal_service.domain.self_test_texts import CHECKED as CHECKED
from portal_service.domain.self_test_texts import SELF_TEST_TONES
from portal_service.domain.self_test_texts import SELF_TESTS as SELF_TESTS

PHASES: Mapping[str, str] = {
    "preparation": N_("Preparation"),
    "pilot": N_("Pilot"),
    "evaluation": N_("Evaluation"),
    "decision": N_("Decision"),
    "broad_introduction": N_("Wide introduction"),
    "after_care": N_("After-care"),
}
STATUSES: Mapping[str, str] = {
    "waiting": N_("Not started"),
    "planned": N_("Planned"),
    "active": N_("Under way"),
    "running": N_("Under way"),
    "verified": N_("Verified"),
    "paused": N_("Paused"),
    "completed": N_("Completed"),
    "stopped": N_("Stopped"),
}
TONES: Mapping[str, str] = {
    **HEALTH_TONES,
    **SELF_TEST_TONES,
    "completed": "success",
    "verified": "success",
    "pass": "success",
    "active": "info",
    "running": "info",
    "paused": "warning",
    "inconclusive": "warning",
    **DECISION_TONES,
    "sent": "success",
    "pending": "info",
    "disabled": "warning",
    "failed": "danger",
    "stopped": "danger",
    "fail": "danger",
}
STEPS: Mapping[str, str] = {
    "preparation": N_("Preparation"),
    "baseline": N_("First self-assessment"),
    "modules": N_("Modules"),
    "follow_up": N_("Second self-assessment"),
    "after_care": N_("After-care"),
}
OCCASIONS: Mapping[str, str] = {
    "baseline": N_("First self-assessment"),
    "follow_up": N_("Second self-assessment"),
    "long_term": N_("Long-term self-assessment"),
}
WAITING: Mapping[str, str] = {
    **REASONS,  # A journey also waits for what another service refused.
    "waiting": N_("The start of its wave"),
    "paused": N_("Somebody to resume it: it is paused"),
    "manager": N_("A manager: the unit has none"),
    "time": N_("The shortest time of the step"),
    "answer": N_("The start of the step"),
    "baseline_released": N_("The first results"),
    "follow_up_released": N_("The second results"),
    "meeting_held": N_("A workplace meeting"),
    "action_chosen": N_("The choice of an action"),
    "action_checked_back": N_("A check back on the action"),
    "rollout-paused": N_("The whole rollout is paused"),
    "unit-in-other-rollout": N_("The unit takes part in another rollout"),
    "completed": N_("Nothing more: it is completed"),
    "stopped": N_("Nothing more: it was stopped"),
}
OUTCOMES: Mapping[str, str] = {
    "pass": N_("Pass"),
    "fail": N_("Fail"),
    "inconclusive": N_("Inconclusive"),
    "broad_introduction": N_("Wide introduction"),
    "adjusted_pilot": N_("Adjusted pilot"),
    "stop": N_("Stop"),
}
CHECK_BACKS: Mapping[str, str] = {
    "kept": N_("Kept"),
    "adjusted": N_("Adjusted"),
    "dropped": N_("Dropped"),
}
CHANGES: Mapping[str, str] = {
    "meeting_corrected": N_("A meeting was corrected"),
    "meeting_withdrawn": N_("A meeting was withdrawn"),
    "action_corrected": N_("An action was corrected"),
    "action_withdrawn": N_("An action was withdrawn"),
    "check_back_withdrawn": N_("A check-back was withdrawn"),
}
VARIANTS: Mapping[str, str] = {
    "10": N_("10 minutes"),
    "30": N_("30 minutes"),
    "60": N_("60 minutes"),
    "shift_handover": N_("Shift hand-over"),
}
CRITERIA: Mapping[str, str] = {
    "participation": N_("Took part in the self-assessment"),
    "meetings-held": N_("Units that held a meeting"),
    "modules-completed": N_("Units that completed their modules"),
    "actions-chosen": N_("Units that chose an action"),
    "actions-checked-back": N_("Units that checked back on their action"),
    "change-since-baseline": N_("Change since the first self-assessment"),
}
CRITERION_SOURCES: Mapping[str, str] = {
    "participation": N_("Released results of both self-assessments"),
    "meetings-held": N_("Meetings recorded as held"),
    "modules-completed": N_("Completed modules"),
    "actions-chosen": N_("Chosen actions"),
    "actions-checked-back": N_("Actions that were checked back on"),
    "change-since-baseline": N_("Released results, the second minus the first"),
}
CRITERION_HELP: Mapping[str, str] = {
    "participation": N_("More time changes nothing: results are released once."),
    "meetings-held": N_("Meetings that are held and recorded before the next evaluation."),
    "modules-completed": N_("Modules that are completed before the next evaluation."),
    "actions-chosen": N_("Actions that are chosen before the next evaluation."),
    "actions-checked-back": N_("Check-backs that are recorded before the next evaluation."),
    "change-since-baseline": N_("More time changes nothing: results are released once."),
}
DIRECTIONS: Mapping[str, str] = {
    "more": N_("more often than before"),
    "less": N_("less often than before"),
    "unclear": N_("no clear change"),
    "hidden": N_("cannot be compared"),
}
PREREQUISITES: Mapping[str, str] = {
    "risk_assessment": N_("Risk assessment"),
    "joint_consultation": N_("Joint consultation"),
}
ACTIONS: Mapping[str, str] = {
    "start_pilot": N_("Start the pilot"),
    "extend_pilot": N_("Extend the pilot"),
    "evaluate_gate": N_("Evaluate the gate again"),
    "override_gate": N_("Override the gate"),
    "propose_decision": N_("Propose a decision"),
    "approve_decision": N_("Approve the decision"),
    "reject_decision": N_("Reject the decision"),
    "plan_waves": N_("Plan the waves"),
    "record_prerequisite": N_("Record a prerequisite"),
    "start_broad_introduction": N_("Start the wide introduction"),
    "pause_unit": N_("Pause a unit"),
    "resume_unit": N_("Resume a unit"),
    "stop_unit": N_("Stop a unit"),
    "pause": N_("Pause the rollout"),
    "resume": N_("Resume the rollout"),
    "stop": N_("Stop the rollout"),
    "create": N_("The rollout was created"),
    "complete_pilot": N_("The pilot was completed"),
    "start_wave": N_("A wave began"),
    "verify_wave": N_("A wave was verified"),
    "complete_wave": N_("A wave was completed"),
    "complete": N_("The rollout was completed"),
    "evaluate_again": N_("The gate was evaluated again"),
}
FIELDS: Mapping[str, str] = {
    "outcome": N_("Outcome"),
    "reasons": N_("Reasons"),
    "reason": N_("Reason"),
    "diary_number": N_("Diary number"),
    "wave": N_("Wave (0 is the pilot)"),
    "wave_size": N_("Units per wave"),
    "kind": N_("Kind"),
    "reference": N_("Reference"),
    "recorded_on": N_("Recorded on"),
    "unit_id": N_("Unit"),
    "units": N_("Units"),
    "pilot_unit_ids": N_("Units of the pilot"),
    "duration": N_("For how long, such as P14D for 14 days"),
    "drop_prerequisites": N_("Accept that prerequisites of changed waves are dropped"),
}
DELEGATION_FIELDS: Mapping[str, str] = {
    "post": N_("As"),
    "delegate": N_("Who: mail address or id"),
    "valid_from": N_("First day"),
    "valid_to": N_("Last day, a year ahead at most"),
    "reason": N_("Reason"),
}
REGION_ROLES: Mapping[str, str] = {
    "given": N_("given"),
    "confirmed": N_("confirmed: now two have given it"),
    "changed": N_("with other days"),
    "ended": N_("ended"),
}
ROLES: Mapping[str, str] = {
    "employee": N_("employee"),
    "manager": N_("manager"),
    "deputy": N_("deputy"),
    "facilitator": N_("facilitator"),
    "safety_representative": N_("safety representative"),
    "strategist": N_("strategist"),
    "administrator": N_("administrator"),
    "approver": N_("approver"),
    "auditor": N_("auditor"),
    "operator": N_("operator"),
    "respondent": N_("respondent"),
}
BEHAVIOURS: Mapping[str, str] = {
    "engagement": N_("Is engaged and takes responsibility"),
    "consideration": N_("Shows personal consideration"),
    "constructive_confrontation": N_("Confronts constructively"),
    "supports_manager": N_("Supports the manager"),
    "positive_attitude": N_("Shows a positive attitude"),
    "creativity": N_("Inspires creativity"),
    "stress_handling": N_("Handles stress well"),
}
ARTICLE_KINDS: Mapping[str, str] = {
    "news": N_("News"),
    "question": N_("Question and answer"),
    "film": N_("Film"),
    "e_learning": N_("Course"),
    "module": N_("Module"),
}
ARTICLE_STATUSES: Mapping[str, str] = {
    "draft": N_("Draft"),
    "in_review": N_("In review"),
    "published": N_("Published"),
    "withdrawn": N_("Withdrawn"),
}
ARTICLE_FIELDS: Mapping[str, str] = {
    "article_id": N_("Address: a-z, 0-9 and hyphens"),
    "title_sv": N_("Title in Swedish"),
    "title_en": N_("Title in English"),
    "text_sv": N_("Text in Swedish"),
    "text_en": N_("Text in English"),
    "url": N_("Link (https)"),
    "captions_sv": N_("Link to Swedish captions (WebVTT)"),
    "captions_en": N_("Link to English captions (WebVTT)"),
    "transcript_sv": N_("Transcript in Swedish"),
    "transcript_en": N_("Transcript in English"),
    "review_by": N_("Look at the answer again by"),
}
QUESTION_STATUSES: Mapping[str, str] = {
    "waiting": N_("Waits for an answer"),
    "drafted": N_("An answer is being written, or is published"),
    "closed": N_("Closed"),
}
SERVICES: Mapping[str, str] = {
    "assessment": N_("Self-assessments and results"),
    "content": N_("Modules, meetings and actions"),
    "notification": N_("Mails and webhooks"),
    "people": N_("Persons and roles"),
    "workflow": N_("Rollouts, units and their journeys"),
}


def named(texts: Mapping[str, str], code: str) -> str:
    """The text of a code. One that is not known yet is a general text if it is a reason, else the
    code itself in words."""
    if code not in texts and REASONS.keys() <= texts.keys():
        return UNKNOWN_REASON
    return texts.get(code) or code.replace("_", " ").replace("-", " ").capitalize()
