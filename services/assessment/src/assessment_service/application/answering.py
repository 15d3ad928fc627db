"""The answer path, the one place where the ordinary rules do not apply.

One statement stores the sheet, and that upsert *is* the idempotency. There is no unit of work, no
event, no idempotency row, no timestamp, no log line and no trace: nothing records that
a person answered, or when. What makes the path fast also makes it private.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from assessment_service.application.commands import SubmitAnswer
from assessment_service.application.scope import covers
from assessment_service.application.sealing_ports import (
    ReadRound,
    ReleaseKeys,
    SheetSealer,
    SheetStore,
)
from assessment_service.domain import scoring, sheet
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.participation import participation_key
from assessment_service.domain.round import (
    Round,
    answered_elsewhere_error,
    closed_error,
    unknown_error,
)


@dataclass(frozen=True, slots=True)
class AnswerableRound:
    """What the answer path needs from a round. None of it changes while the round is open."""

    round: Round
    instrument: Instrument
    public_key: bytes
    participation: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PersonalProfile:
    """A person's own scores; shown to that person once and stored nowhere."""

    instrument: Instrument
    scores: scoring.Profile


class Answering:
    """Accepts answers. Can seal them, and open none. Remembers open rounds, and the secret from
    which the keys of their sheets are made, for `cache_seconds` at most.

    The memory cannot admit a late answer: the statement that stores the sheet checks that the
    round is open.
    """

    def __init__(
        self,
        read_round: ReadRound,
        instrument: Callable[[str, int], Awaitable[Instrument]],
        keys: ReleaseKeys,
        sealer: SheetSealer,
        sheets: SheetStore,
        cache_seconds: float,
    ) -> None:
        self._read_round = read_round
        self._instrument = instrument
        self._keys = keys
        self._sealer = sealer
        self._sheets = sheets
        self._cache_seconds = cache_seconds
        self._remembered: dict[UUID, AnswerableRound] = {}

    async def submit(self, command: SubmitAnswer) -> PersonalProfile:
        """Store the sheet, in place of an earlier one by the same person, and score it.

        Raises DomainError `round-unknown`, `round-closed`, `outside-unit`, `answered-elsewhere`,
        `answers-invalid` or `answers-empty`, UnreadableRoundError if the release's secrets are
        lost, or KeysUnavailableError; then nothing is stored.
        """
        round_id = command.round_id
        asked = self._remembered.get(round_id) or await self._load(command)
        _check_unit(asked.round, command)
        sheet.check(asked.instrument, command.answers)
        key = participation_key(asked.participation, command.issuer, command.subject)
        encoded = sheet.encode(asked.instrument, command.answers)
        sealed = self._sealer.seal(asked.public_key, round_id, key, encoded)
        stored = await self._sheets.put(asked.round.release.release_id, round_id, key, sealed)
        if stored == "elsewhere":
            raise answered_elsewhere_error()
        if stored == "closed":
            self._remembered.pop(round_id, None)
            raise closed_error(round_id)
        scores = scoring.profile(asked.instrument, command.answers)
        return PersonalProfile(asked.instrument, scores)

    async def _load(self, command: SubmitAnswer) -> AnswerableRound:
        round_id = command.round_id
        facts = await self._read_round(round_id)
        if facts is None:
            raise unknown_error(round_id)
        found, release = facts.round, facts.round.release
        _check_unit(found, command)
        if found.status != "open":
            raise closed_error(round_id)
        instrument = await self._instrument(release.instrument_id, release.instrument_version)
        participation = await self._keys.participation(release.release_id)
        answerable = AnswerableRound(found, instrument, facts.public_key, participation)
        if self._cache_seconds:
            self._remembered[round_id] = answerable
            loop = asyncio.get_running_loop()
            loop.call_later(self._cache_seconds, self._remembered.pop, round_id, None)
        return answerable


def _check_unit(found: Round, command: SubmitAnswer) -> None:
    """Raises DomainError `outside-unit` or `round-unknown` to those who are not of the unit.

    Which of the two follows from the tree as the round opened: nothing more is read on this path.
    """
    if not covers(command.scope, found.unit.unit_id, found.unit.path):
        raise unknown_error(command.round_id)
    if found.unit.unit_id not in command.units:
        detail = "This round is for the people of another unit."
        raise DomainError("outside-unit", "forbidden", detail)
