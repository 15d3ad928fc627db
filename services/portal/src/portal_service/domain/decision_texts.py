"""How far a decision is, in words."""

from collections.abc import Mapping

from portal_service.domain.marking import N_

DECISION_STATUSES: Mapping[str, str] = {
    "proposed": N_("Proposed"),
    "approved": N_("Approved"),
    "rejected": N_("Rejected"),
}
DECISION_TONES: Mapping[str, str] = {
    "proposed": "info",
    "approved": "success",
    "rejected": "danger",
}
