"""The free texts of this service: whoever is erased is taken out of them.

What was published, such as a rollout's name and a decision's diary number, stays as it was.
"""

from servicekit.free_texts import WHOLE, FreeTexts
from workflow_service.adapters.postgres.tables import (
    JourneyRow,
    RolloutRow,
    TransitionRow,
    UnitChangeRow,
)

FREE_TEXTS: FreeTexts = {
    RolloutRow: {"state": {"reason", "reasons", "rejection", "reference"}},
    TransitionRow: {"reason": WHOLE, "detail": {"reference"}},
    JourneyRow: {"paused_reason": WHOLE},
    UnitChangeRow: {"reason": WHOLE},
}
