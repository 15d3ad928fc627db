"""The worker's job: moves every round as far as possible. It is repeated, and the database shows
what is to be done; each step checks again under a lock.

A step that fails is counted and logged here, not raised: an exception would delay all other rounds
for as long as one round cannot be read.
"""

import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from prometheus_client import Counter, Gauge

from assessment_service.application import handlers, releasing
from assessment_service.application.ports import PausesUnknownError, UnitOfWork
from assessment_service.application.sealing_ports import KeysUnavailableError, UnreadableRoundError
from assessment_service.entrypoints.app import AssessmentApp
from servicekit import telemetry
from servicekit.metrics import JOB_FAILURES

log = logging.getLogger(__name__)

NAME = "release"
WAITING_ROUNDS = Gauge(
    "assessment_waiting_rounds",
    "Rounds past their closing time that are open because the workflow service does not answer",
)
FLOODED_ROUNDS = Counter(
    "assessment_flooded_rounds",
    "Rounds that got more answers than their unit has people, and one more",
)
Find = Callable[[UnitOfWork], Awaitable[list[UUID]]]
Step = Callable[[UUID], Awaitable[None]]


class ReleaseJob:
    """Closes due rounds, releases complete releases, and destroys what is no longer needed."""

    def __init__(self, app: AssessmentApp) -> None:
        self._app = app
        self._waiting = False

    async def run(self) -> None:
        """Run every step once. A failing step stops no other. Raises only if the database cannot
        return what is to be done."""
        await self._close_due()
        forgotten_after = self._app.keys_forgotten_after
        turn: list[tuple[str, Find, Step]] = [
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

    async def _close_due(self) -> None:
        """Ask once which pauses there are, and close the due rounds that none of them holds.

        The event of a pause may be late. Without an answer no round closes in this turn.
        """
        async with self._app.uow() as uow:
            due = await uow.rounds.due()
        try:
            reported = await self._app.workflow.pauses() if due else []
        except PausesUnknownError as error:
            WAITING_ROUNDS.set(len(due))
            if not self._waiting:
                log.error("rounds past their closing time wait for the workflow service: %s", error)
            self._waiting = True
            return
        WAITING_ROUNDS.set(0)
        self._waiting = False

        async def close(round_id: UUID) -> None:
            async with self._app.uow() as uow:
                await handlers.close_due(round_id, reported, uow)

        for round_id in due:
            await _attempt("close round", close, round_id)

    async def _release(self, release_id: UUID) -> None:
        for round_id in await self._app.vault.release(release_id):
            FLOODED_ROUNDS.inc()
            log.error("round %s has more answers than its unit has people; it is hidden", round_id)

    async def _drop(self, release_id: UUID) -> None:
        async with self._app.uow() as uow:
            await releasing.drop_keyed_sheets(release_id, uow)

    async def _anonymise(self, round_id: UUID) -> None:
        async with self._app.uow() as uow:
            round_ = await uow.rounds.get(round_id)
        assert round_
        await self._app.keys.destroy(round_.release.release_id)
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
