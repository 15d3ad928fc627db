"""The worker's job: moves every round as far as possible. It is repeated and keeps no state: the
database shows what is to be done, and each step checks again under a lock.

A step that fails is counted and logged here, not raised: an exception would delay all other rounds
for as long as one round cannot be read.
"""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from assessment_service.application import handlers, releasing
from assessment_service.application.ports import (
    KeysUnavailableError,
    UnitOfWork,
    UnreadableRoundError,
)
from assessment_service.entrypoints.app import AssessmentApp
from servicekit import telemetry
from servicekit.metrics import JOB_FAILURES

log = logging.getLogger(__name__)

NAME = "release"
Find = Callable[[UnitOfWork], Awaitable[list[UUID]]]
Step = Callable[[UUID], Awaitable[None]]


class ReleaseJob:
    """Closes due rounds, releases complete releases, and destroys what is no longer needed."""

    def __init__(self, app: AssessmentApp) -> None:
        self._app = app

    async def run(self) -> None:
        """Run every step once. A failing step delays no other. Raises only if the database cannot
        return what is to be done."""
        forgotten_after = self._app.keys_forgotten_after
        turn: list[tuple[str, Find, Step]] = [
            ("close round", lambda uow: uow.rounds.due(), self._close),
            ("release results", lambda uow: uow.releases.complete(), self._release),
            ("drop sheets", lambda uow: uow.releases.to_dispose(), self._drop),
            (
                "anonymise round",
                lambda uow: uow.rounds.to_anonymise(forgotten_after),
                self._anonymise,
            ),
        ]
        for name, find, step in turn:
            async with self._app.uow() as uow:
                found = await find(uow)
            for identity in found:
                await _attempt(name, step, identity)

    async def _close(self, round_id: UUID) -> None:
        async with self._app.uow() as uow:
            await handlers.close_due(round_id, uow)

    async def _release(self, release_id: UUID) -> None:
        app = self._app
        async with app.uow() as uow:
            await releasing.release_results(release_id, uow, app.keys, app.cipher, app.rule)

    async def _drop(self, release_id: UUID) -> None:
        async with self._app.uow() as uow:
            await releasing.drop_keyed_sheets(release_id, uow)

    async def _anonymise(self, round_id: UUID) -> None:
        await self._app.keys.destroy(round_id)
        async with self._app.uow() as uow:
            await releasing.record_anonymity(round_id, uow)


async def _attempt(name: str, step: Step, identity: UUID) -> None:
    try:
        with telemetry.span(name):
            await step(identity)
    except Exception as error:
        JOB_FAILURES.labels(NAME).inc()
        expected = isinstance(error, UnreadableRoundError | KeysUnavailableError)
        log.error("%s %s: %s", name, identity, error, exc_info=not expected)
