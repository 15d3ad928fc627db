"""The free texts of this service: whoever is erased is taken out of them."""

from assessment_service.adapters.tables import RoundRow
from servicekit.free_texts import WHOLE, FreeTexts

FREE_TEXTS: FreeTexts = {RoundRow: {"write_off_reason": WHOLE, "extension_reason": WHOLE}}
