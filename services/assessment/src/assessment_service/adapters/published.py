"""Everything that was ever published, as the document that the auditor reads (its README)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from assessment_service.adapters.tables import ReleasedCellRow, ReportGroupRow, RoundRow
from servicekit.db import table

_cells, _rounds = table(ReleasedCellRow), table(RoundRow)
_groups = table(ReportGroupRow)
_CLOSED = func.coalesce(_rounds.c.closed_at, _rounds.c.closes_at).label("closed")
_ROUNDS = (
    select(_rounds.c.release_id, _rounds.c.unit_id, _rounds.c.headcount, _CLOSED)
    .where(_rounds.c.release_id.in_(select(_cells.c.release_id)))
    .order_by(_CLOSED)
)


async def everything(
    connection: AsyncConnection, k: int, same_time_days: float
) -> Mapping[str, Any]:
    """Every released cell, with the headcounts and closing times of its release's rounds, and which
    of their units are reported together."""
    groups: dict[UUID, dict[UUID, list[str]]] = {}
    for row in await connection.execute(select(_groups).order_by(_groups.c.unit_id)):
        of_rollout = groups.setdefault(row.rollout_id, {})
        of_rollout.setdefault(row.group_id, []).append(row.unit_id)
    releases: dict[UUID, dict[str, Any]] = {}
    for row in await connection.execute(select(_cells)):
        release = releases.setdefault(
            row.release_id,
            {
                "release_id": str(row.release_id),
                "rollout_id": str(row.rollout_id),
                "occasion": row.occasion,
                "headcounts": {},
                "groups": list(groups.get(row.rollout_id, {}).values()),
                "cells": [],
            },
        )
        release["cells"].append(
            {
                "unit_id": row.unit_id,
                "path": row.unit_path,
                "shown": row.shown,
                "band": row.participation_band,
                "indexes": row.indexes,
                "hidden_because": row.hidden_because,
            }
        )
    for row in await connection.execute(_ROUNDS):
        release, closed = releases[row.release_id], row.closed.isoformat()
        release["headcounts"][row.unit_id] = row.headcount
        release.setdefault("closed", [closed, closed])[1] = closed
    return {"k": k, "same_time_days": same_time_days, "releases": list(releases.values())}
