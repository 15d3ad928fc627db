"""The worker's job: takes every round as far as it can go. Repeated for ever, it needs no memory:
what is to be done stands in the database, and each step looks again under a lock."""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from assessment_service.application import handlers, releasing
from assessment_service.application.commands import CloseRound
from assessment_service.application.ports import UnitOfWork, UnreadableRoundError
from assessment_service.entrypoints.app import AssessmentApp
from servicekit import telemetry

log = logging.getLogger(__name__)

Find = Callable[[UnitOfWork], Awaitable[list[UUID]]]
Step = Callable[[UUID], Awaitable[None]]


class ReleaseJob:
    """Closes due rounds, releases complete releases, and destroys what is no longer needed."""

    def __init__(self, app: AssessmentApp) -> None:
        self._app = app

    async def run(self) -> None:
        """One turn of work. What fails holds up nothing else; then raises the last failure."""
        clock, forgotten_after = self._app.clock, self._app.keys_forgotten_after
        turn: list[tuple[str, Find, Step]] = [
            ("close round", lambda uow: uow.rounds.due(), self._close),
            ("release results", lambda uow: uow.releases.complete(), self._release),
            ("drop sheets", lambda uow: uow.releases.to_dispose(), self._drop),
            (
                "anonymise round",
                lambda uow: uow.rounds.to_anonymise(clock() - forgotten_after),
                self._anonymise,
            ),
        ]
        failure: Exception | None = None
        for name, find, step in turn:
            async with self._app.uow() as uow:
                found = await find(uow)
            for identity in found:
                failure = await _failure_of(name, step, identity) or failure
        if failure:
            raise failure

    async def _close(self, round_id: UUID) -> None:
        async with self._app.uow() as uow:
            await handlers.close_round(CloseRound(round_id), None, uow, self._app.clock)

    async def _release(self, release_id: UUID) -> None:
        app = self._app
        async with app.uow() as uow:
            await releasing.release_results(
                release_id, uow, app.keys, app.cipher, app.rule, app.clock
            )

    async def _drop(self, release_id: UUID) -> None:
        async with self._app.uow() as uow:
            await releasing.drop_keyed_sheets(release_id, uow)

    async def _anonymise(self, round_id: UUID) -> None:
        await self._app.keys.destroy(round_id)
        async with self._app.uow() as uow:
            await releasing.record_anonymity(round_id, uow, self._app.clock)


async def _failure_of(name: str, step: Step, identity: UUID) -> Exception | None:
    try:
        with telemetry.span(name):
            await step(identity)
    except UnreadableRoundError as error:
        log.error("%s %s: %s", name, identity, error)
        return error
    except Exception as error:
        log.error("%s %s: %s", name, identity, type(error).__name__)
        return error
    return None
