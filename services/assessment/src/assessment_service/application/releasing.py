"""From closed rounds to released results to anonymity: small steps that the worker repeats.

    close what is due > freeze each round > release, once > drop keyed sheets > destroy secrets

Each step is one transaction of its own, so that a crash between two steps costs nothing but time,
and so that no transaction id ties a keyed sheet to a frozen answer or a result. Each step looks
again, under a lock, whether it is still to be done. Secrets go last: whatever happens before, the
answers can still be read.
"""

from random import SystemRandom
from uuid import UUID, uuid4

from assessment_service.application.ports import (
    Clock,
    RoundKeys,
    SheetCipher,
    UnitOfWork,
)
from assessment_service.domain import round as rounds
from assessment_service.domain import scoring, sheet
from assessment_service.domain.events import ResultsReleased
from assessment_service.domain.results import RoundAnswers, region_cell, release_cells
from assessment_service.domain.suppression import PrivacyRule


async def freeze_round(
    round_id: UUID, uow: UnitOfWork, keys: RoundKeys, cipher: SheetCipher
) -> None:
    """Write a closed round's sheets once more: without keys, in random order, under random ids.

    Raises RoundKeysMissingError if there are sheets that cannot be read.
    """
    round_ = await uow.rounds.lock(round_id)
    if round_ is None or round_.status != "closed":
        return
    keyed = await uow.keyed_sheets.of_round(round_id)
    if keyed:
        secrets = await keys.read(round_id)
        sheets = [cipher.unseal(secrets, round_id, key, sealed) for key, sealed in keyed]
        SystemRandom().shuffle(sheets)
        await uow.frozen_answers.add(round_id, [(uuid4(), encoded) for encoded in sheets])
    await uow.rounds.save_status(rounds.freeze(round_))


async def release_results(
    release_id: UUID, uow: UnitOfWork, rule: PrivacyRule, clock: Clock
) -> None:
    """Compute a release's cells from its frozen rounds, store and publish them, once for all."""
    release = await uow.releases.lock(release_id)
    members = await uow.rounds.of_release(release_id)
    if release.released_at is not None or any(r.status != "frozen" for r in members):
        return
    instrument = await uow.instruments.get(release.instrument_id, release.instrument_version)
    assert instrument
    frozen = await uow.frozen_answers.of_release(release_id)
    answered = [
        RoundAnswers(
            round_.round_id,
            round_.unit.unit_id,
            round_.unit.path,
            round_.unit.headcount,
            [
                scoring.profile(instrument, sheet.decode(instrument, encoded))
                for encoded in frozen.get(round_.round_id, [])
            ],
        )
        for round_ in members
    ]
    cells = release_cells(answered, instrument.scale.steps, rule)
    await uow.cells.add(release, cells)
    await uow.releases.mark_released(release_id, clock())
    by_unit = {cell.unit_id: cell for cell in cells}
    uow.record(
        ResultsReleased(
            release,
            tuple((r.round_id, by_unit[r.unit_id]) for r in answered),
            region_cell(cells, answered),
        )
    )


async def drop_keyed_sheets(round_id: UUID, uow: UnitOfWork) -> None:
    """Delete what ties people to answers. Frozen and released, the round needs it no more."""
    round_ = await uow.rounds.lock(round_id)
    if round_ and round_.status == "frozen" and round_.release.released_at is not None:
        await uow.keyed_sheets.drop(round_id)


async def record_anonymity(round_id: UUID, uow: UnitOfWork, clock: Clock) -> None:
    """Put on record that the round's secrets were destroyed. Call it only after that."""
    round_ = await uow.rounds.lock(round_id)
    if round_ is None or round_.status == "anonymised":
        return
    anonymised, event = rounds.anonymise(round_, clock())
    await uow.rounds.save_status(anonymised)
    await uow.key_destructions.add(round_id, event.at)
    uow.record(event)
