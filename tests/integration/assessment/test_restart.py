"""A crash between, or in the middle of, any two steps costs time and nothing else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from assessment_service.adapters import vault
from assessment_service.application import releasing
from assessment_service.bootstrap import Assessment
from integration.assessment.service import Service, StartService, sheet

Step = Callable[[Assessment, UUID, list[UUID]], Awaitable[None]]


class Crash(Exception):
    """The process dies here."""


async def release(app: Assessment, release_id: UUID, rounds: list[UUID]) -> None:
    await app.vault.release(release_id)


async def drop(app: Assessment, release_id: UUID, rounds: list[UUID]) -> None:
    async with app.uow() as uow:
        await releasing.drop_keyed_sheets(release_id, uow)


async def destroy(app: Assessment, release_id: UUID, rounds: list[UUID]) -> None:
    await app.keys.destroy(release_id)


async def record(app: Assessment, release_id: UUID, rounds: list[UUID]) -> None:
    async with app.uow() as uow:
        await releasing.record_anonymity(rounds[0], uow)


STEPS: list[Step] = [release, drop, destroy, record]


async def closed_release(service: Service) -> tuple[UUID, list[UUID]]:
    body = service.opening(["ward", "clinic"])
    rounds = await service.open(body)
    await service.fill(rounds, {"ward": 9, "clinic": 8})
    for round_id in rounds.values():
        await service.close(round_id)
    return UUID(body["release_id"]), [UUID(round_id) for round_id in rounds.values()]


async def check_released_once(service: Service, folder: Path) -> None:
    types = [name for name, _ in await service.events()]
    assert types.count("assessment.results.released.v1") == 2
    assert types.count("external.results.released.v1") == 1
    assert types.count("assessment.round.anonymised.v1") == 2
    assert await service.disposal() == [(17, 17)]
    assert len(await service.rows("select * from key_destructions")) == 2
    assert await service.rows("select * from keyed_sheets") == []
    assert os.listdir(folder) == [".round-keys"]
    shown = await service.rows("select unit_id from released_cells where shown")
    assert {row["unit_id"] for row in shown} == {"ward", "clinic", "health", "region"}


@pytest.mark.parametrize("survived", range(len(STEPS) + 1))
async def test_the_worker_goes_on_after_a_crash_between_two_steps(
    service: Service, tmp_path: Path, survived: int
) -> None:
    release_id, rounds = await closed_release(service)
    for step in STEPS[:survived]:
        await step(service.app, release_id, rounds)
    for step in STEPS[:survived]:  # and each step may be repeated
        await step(service.app, release_id, rounds)
    await service.work()
    await service.work()
    await check_released_once(service, tmp_path / "keys")


async def test_nothing_is_dropped_before_the_results_are_out(service: Service) -> None:
    release_id, rounds = await closed_release(service)
    await drop(service.app, release_id, rounds)
    assert len(await service.rows("select * from keyed_sheets")) == 17
    assert await service.disposal() == []


async def release_here(app: Assessment, release_id: UUID, uow: Any) -> None:
    """In this process, which can be made to crash."""
    open_key = partial(vault._open_key, app._settings)
    await releasing.release_results(release_id, uow, open_key, app.rule, timedelta(0))


async def die_before_commit(service: Service, step: Callable[[Any], Awaitable[None]]) -> None:
    async with service.app.uow() as uow:
        await step(uow)
        raise Crash


async def test_a_crash_before_a_commit_leaves_nothing_behind(
    service: Service, tmp_path: Path
) -> None:
    release_id, rounds = await closed_release(service)
    app = service.app
    with pytest.raises(Crash):
        await die_before_commit(service, partial(release_here, app, release_id))
    assert await service.rows("select * from released_cells") == []
    assert await service.disposal() == []
    await release(app, release_id, rounds)
    with pytest.raises(Crash):
        await die_before_commit(service, lambda uow: releasing.drop_keyed_sheets(release_id, uow))
    assert len(await service.rows("select * from keyed_sheets")) == 17
    assert await service.disposal() == [(17, 0)]
    await service.work()
    await check_released_once(service, tmp_path / "keys")


async def test_several_workers_release_once(start: StartService, tmp_path: Path) -> None:
    services = [await start() for _ in range(3)]
    await services[0].prepare()
    await closed_release(services[0])
    await asyncio.gather(*(service.work() for service in services), return_exceptions=True)
    await services[0].work()
    await check_released_once(services[0], tmp_path / "keys")


async def test_what_was_reported_stored_is_counted_and_nothing_after_the_closing(
    service: Service,
) -> None:
    ward = (await service.open(service.opening(["ward"])))["ward"]
    stored = 0
    enough = asyncio.Event()

    async def answer_until_refused(desk: int) -> None:
        nonlocal stored
        for number in count():
            answer = await service.answer(ward, "ward", f"person-{desk}-{number}", sheet(3))
            if answer.status_code == 409:
                return
            assert answer.status_code == 200
            stored += 1
            if stored > 50:
                enough.set()

    async def close_in_the_middle() -> None:
        await enough.wait()
        await service.close(ward)
        kept_at_closing.append((await service.rows("select count(*) from keyed_sheets"))[0][0])

    kept_at_closing: list[int] = []
    await asyncio.gather(*(answer_until_refused(desk) for desk in range(20)), close_in_the_middle())
    await service.work()
    assert kept_at_closing == [stored]
    assert await service.disposal() == [(stored, stored)]
