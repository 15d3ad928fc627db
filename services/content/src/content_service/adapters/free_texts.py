"""The free texts of this service: whoever is erased is taken out of them.

What was published, editions and versions of modules, stays as it was.
"""

from content_service.adapters.tables import (
    ActionRow,
    ArticleRow,
    AssignmentRow,
    EvidenceChangeRow,
    ModuleRow,
    QuestionRow,
)
from servicekit.free_texts import WHOLE, FreeTexts

_IN_EACH_LANGUAGE = {"sv", "en"}
FREE_TEXTS: FreeTexts = {
    AssignmentRow: {"items": {"reason"}},
    ActionRow: {"text": WHOLE, "note": WHOLE},
    EvidenceChangeRow: {"reason": WHOLE, "before": {"text", "note"}},
    ModuleRow: {"draft": _IN_EACH_LANGUAGE},
    ArticleRow: {"draft": _IN_EACH_LANGUAGE},
    QuestionRow: {"text": WHOLE, "reason": WHOLE},
}
