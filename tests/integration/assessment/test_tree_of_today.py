"""Who may see rounds and results follows the tree of today; published numbers stay as they are."""

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from assessment_service.domain.round import Unit
from integration.assessment.service import UNITS, Service

WARD = next(unit for unit in UNITS if unit.unit_id == "ward")


@pytest.fixture
async def rounds(service: Service) -> dict[str, str]:
    """Closed rounds of ward and clinic, whose results are released and shown."""
    body = service.opening(["ward", "clinic"])
    opened = await service.open(body)
    await service.fill(opened, {"ward": 9, "clinic": 8})
    for round_id in opened.values():
        await service.close(round_id)
    await service.work()
    return opened | {"rollout": body["rollout_id"], "release": body["release_id"]}


async def announce(service: Service, *units: Unit) -> None:
    async with service.app.uow() as uow:
        for unit in units:
            await uow.units.save(unit)


async def seen_by(service: Service, unit: str, rounds: dict[str, str]) -> dict[str, Any]:
    """What a manager of the unit, and of all below it, gets on every route."""

    async def get(path: str) -> httpx.Response:
        return await service.ask("GET", path, role="manager", units=[unit])

    of_ward = f"rollout_id={rounds['rollout']}&unit_id=ward&occasion=baseline"
    ward = await get(f"/results?{of_ward}")
    listed = await get("/rounds")
    cells = await get(f"/results?rollout_id={rounds['rollout']}")
    return {
        "ward": ward.status_code,
        "round": (await get(f"/rounds/{rounds['ward']}")).status_code,
        "release": (await get(f"/releases/{rounds['release']}")).status_code,
        "listed": sorted(item["unit_id"] for item in listed.json()["items"]),
        "cells": sorted(item["unit_id"] for item in cells.json()["items"]),
    }


async def test_a_moved_unit_is_seen_from_its_new_place_in_lists_and_alone(
    service: Service, rounds: dict[str, str]
) -> None:
    every = f"/results?rollout_id={rounds['rollout']}"
    before = (await service.ask("GET", every)).json()
    assert (await seen_by(service, "health", rounds))["listed"] == ["clinic", "ward"]
    await announce(service, replace(WARD, parent_id="office", version=9))
    old, new = await seen_by(service, "health", rounds), await seen_by(service, "office", rounds)
    assert old == {
        "ward": 403,
        "round": 404,
        "release": 200,
        "listed": ["clinic"],
        "cells": ["clinic", "health"],
    }
    assert new == {
        "ward": 200,
        "round": 200,
        "release": 200,
        "listed": ["ward"],
        "cells": ["ward"],
    }
    assert (await service.ask("GET", every)).json() == before


async def test_a_merged_unit_is_seen_by_its_successor_which_still_has_rounds(
    service: Service, rounds: dict[str, str]
) -> None:
    merged = replace(
        WARD, parent_id="office", version=9, headcount=0, dissolved_on=date(2026, 1, 1)
    )
    await announce(service, merged)
    assert (await seen_by(service, "office", rounds))["round"] == 200
    await service.open(service.opening(["office"]))
    body = service.opening(["ward"])
    refused = await service.ask("POST", "/rounds", role="service", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "unit-dissolved")
