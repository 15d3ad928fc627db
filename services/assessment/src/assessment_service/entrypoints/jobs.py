"""The worker's job: takes every round as far as it can go. Repeated for ever, it needs no memory:
what is to be done stands in the database, and each step looks again under a lock."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from assessment_service.application import handlers, releasing
from assessment_service.application.commands import CloseRound
from assessment_service.entrypoints.app import AssessmentApp
from servicekit import telemetry

log = logging.getLogger(__name__)


class ReleaseJob:
    """Closes due rounds, releases complete releases, and destroys what is no longer needed."""

    def __init__(self, app: AssessmentApp) -> None:
        self._app = app

    async def run(self) -> None:
        """One round of work. A failing release does not hold up the others; then raises it."""
        app = self._app
        async with app.uow() as uow:
            due = await uow.rounds.due()
        await self._each("close round", due, self._close)
        async with app.uow() as uow:
            complete = await uow.releases.complete()
        await self._each("release results", complete, self._release)
        async with app.uow() as uow:
            released = await uow.rounds.to_anonymise(app.clock() - app.keys_forgotten_after)
        await self._each("anonymise round", released, self._anonymise)

    async def _close(self, round_id: UUID) -> None:
        async with self._app.uow() as uow:
            await handlers.close_round(CloseRound(round_id), uow, self._app.clock)

    async def _release(self, release_id: UUID) -> None:
        app = self._app
        async with app.uow() as uow:
            members = await uow.rounds.of_release(release_id)
        for member in members:
            async with app.uow() as uow:
                await releasing.freeze_round(member.round_id, uow, app.keys, app.cipher)
        async with app.uow() as uow:
            await releasing.release_results(release_id, uow, app.rule, app.clock)

    async def _anonymise(self, round_id: UUID) -> None:
        app = self._app
        async with app.uow() as uow:
            await releasing.drop_keyed_sheets(round_id, uow)
        await app.keys.destroy(round_id)
        async with app.uow() as uow:
            await releasing.record_anonymity(round_id, uow, app.clock)

    async def _each(
        self, name: str, ids: Iterable[UUID], step: Callable[[UUID], Awaitable[None]]
    ) -> None:
        failure: Exception | None = None
        for identity in ids:
            try:
                with telemetry.span(name):
                    await step(identity)
            except Exception as error:
                log.error("%s %s: %s", name, identity, type(error).__name__)
                failure = error
        if failure:
            raise failure
