"""The free texts of this service about others: whoever is erased is taken out of them."""

from people_service.adapters.tables import ReleasedIdentityRow
from servicekit.free_texts import WHOLE, FreeTexts

FREE_TEXTS: FreeTexts = {ReleasedIdentityRow: {"reason": WHOLE}}
