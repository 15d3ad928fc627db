"""Units and modules by their names."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from portal_service.entrypoints.partial import Partial

_NAMED_UNITS = 20


async def unit_names(part: Partial, units: Sequence[str]) -> dict[str, str]:
    """Name by unit. A unit whose name is not known is called by its id."""
    asked = units[:_NAMED_UNITS]
    found = await asyncio.gather(*(part.get("workflow", f"/units/{one}") for one in asked))
    named = {one["unit_id"]: str(one["name"]) for one in found if one}
    return {unit: named.get(unit, unit) for unit in units}


async def module_texts(
    part: Partial, assignments: Sequence[Mapping[str, Any]]
) -> dict[str, dict[str, Any] | None]:
    """By assignment, the version of the module that it names; None if that is not known."""
    paths = [f"/modules/{one['module_id']}/versions/{one['module_version']}" for one in assignments]
    found = await asyncio.gather(*(part.get("content", path) for path in paths))
    ids = [one["assignment_id"] for one in assignments]
    return dict(zip(ids, found, strict=True))
