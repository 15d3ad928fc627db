"""Opens and scores the sheets of a release, and counts them."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from assessment_service.application.ports import UnitOfWork
from assessment_service.application.sealing_ports import OpenKey, SealedSheet
from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.round import Release, Round
from assessment_service.domain.scorer import crowd, scorer


async def crowds(
    release: Release,
    members: Sequence[Round],
    instrument: Instrument,
    uow: UnitOfWork,
    open_key: OpenKey,
) -> dict[UUID, Crowd]:
    """Everybody who answered, by round; nobody in a round that is written off.

    Without any sheet, no key is needed. Raises UnreadableRoundError or KeysUnavailableError.
    """
    found = {r.round_id: bytearray() for r in members}
    written_off = {r.round_id for r in members if r.write_off_reason is not None}
    batches = _without(written_off, uow.keyed_sheets.of_release(release.release_id))
    if first := await anext(batches, None):
        key = await uow.releases.key(release.release_id)
        assert key
        opener = open_key(release.release_id, key)
        async for round_id, scores in opener.read(first, batches, scorer(instrument)):
            found[round_id] += scores
    return {round_id: crowd(scores, instrument.behaviours) for round_id, scores in found.items()}


async def _without(
    round_ids: set[UUID], batches: AsyncIterator[Sequence[SealedSheet]]
) -> AsyncIterator[Sequence[SealedSheet]]:
    async for batch in batches:
        if kept := [one for one in batch if one[0] not in round_ids]:
            yield kept
