"""Units by their names."""

import asyncio
from collections.abc import Sequence

from portal_service.entrypoints.partial import Partial

_NAMED_UNITS = 20


async def unit_names(part: Partial, units: Sequence[str]) -> dict[str, str]:
    """Name by unit. A unit whose name is not known is called by its id."""
    asked = units[:_NAMED_UNITS]
    found = await asyncio.gather(*(part.get("workflow", f"/units/{one}") for one in asked))
    named = {one["unit_id"]: str(one["name"]) for one in found if one}
    return {unit: named.get(unit, unit) for unit in units}
