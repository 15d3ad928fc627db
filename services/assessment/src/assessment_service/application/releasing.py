"""From closed rounds to released results to anonymity: small steps that the worker repeats.

    close due rounds > release, once > drop keyed sheets > destroy secrets

Each step is a transaction of its own and checks, under a lock, whether it is still to be done, so a
crash between two steps costs nothing but time. Sheets are decrypted in memory only; only results
are stored. Secrets are destroyed last, so that every earlier step can be repeated.
"""

from uuid import UUID

from assessment_service.application.commands import WriteOffRound
from assessment_service.application.ports import (
    RoundKeys,
    Scope,
    SheetCipher,
    UnitOfWork,
    UnreadableRoundError,
)
from assessment_service.application.scope import visible
from assessment_service.domain import round as rounds
from assessment_service.domain import scoring, sheet
from assessment_service.domain.errors import DomainError
from assessment_service.domain.events import ResultsReleased
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.results import RoundAnswers, region_cell, release_cells, whole_band
from assessment_service.domain.round import Round


async def release_results(
    release_id: UUID,
    uow: UnitOfWork,
    keys: RoundKeys,
    cipher: SheetCipher,
    rule: PrivacyRule,
) -> None:
    """Compute a release's cells from its closed rounds, store and publish them. Happens once.

    Raises UnreadableRoundError while a round is neither readable nor written off, or
    KeysUnavailableError.
    """
    release = await uow.releases.lock(release_id)
    members = await uow.rounds.of_release(release_id)
    if release.released_at is not None or any(r.status == "open" for r in members):
        return
    instrument = await uow.instruments.get(release.instrument_id, release.instrument_version)
    assert instrument
    answered = []
    for round_ in members:
        written_off = round_.write_off_reason is not None
        sheets = [] if written_off else await _read(round_.round_id, uow, keys, cipher)
        answered.append(_answers(round_, instrument, sheets))
    cells = release_cells(answered, instrument, rule)
    await uow.cells.add(release, cells)
    count = sum(len(r.profiles) for r in answered)
    await uow.releases.mark_released(release_id, await uow.now(), count)
    by_unit = {cell.unit_id: cell for cell in cells}
    uow.record(
        ResultsReleased(
            release,
            tuple((r.round_id, by_unit[r.unit_id]) for r in answered),
            whole_band(cells),
            region_cell(cells, answered),
        )
    )


async def write_off_round(
    command: WriteOffRound,
    scope: Scope,
    uow: UnitOfWork,
    keys: RoundKeys,
    cipher: SheetCipher,
) -> Round:
    """Allow the release without a round whose sheets cannot be read.

    Raises DomainError `round-unknown`, `round-not-waiting`, or `round-readable`: nobody may discard
    answers that can be counted. Raises KeysUnavailableError.
    """
    found = await visible(await uow.rounds.get(command.round_id), command.round_id, scope, uow)
    # Waits for a release that is being computed; a later one sees the decision made here.
    await uow.releases.lock(found.release.release_id)
    round_ = await visible(await uow.rounds.lock(command.round_id), command.round_id, scope, uow)
    written_off, event = rounds.write_off(round_, command.reason, await uow.now())
    try:
        await _read(command.round_id, uow, keys, cipher)
    except UnreadableRoundError:
        await uow.rounds.save(written_off)
        uow.record(event)
        before, after = {"written_off": False}, {"written_off": True}
        subject = f"round/{command.round_id}"
        uow.audit("rounds.extend/write_off_round", subject, before, after, command.reason)
        return written_off
    detail = f"Every answer of round {command.round_id} can be read; it will be released as usual."
    raise DomainError("round-readable", "conflict", detail)


async def drop_keyed_sheets(release_id: UUID, uow: UnitOfWork) -> None:
    """Delete the sheets of a release that is out, and record how many there were."""
    release = await uow.releases.lock(release_id)
    if release.released_at is not None:
        sheets = await uow.keyed_sheets.drop(release_id)
        await uow.releases.record_disposal(release_id, sheets)


async def record_anonymity(round_id: UUID, uow: UnitOfWork) -> None:
    """Record that the round's secrets were destroyed. Call it only after that."""
    round_ = await uow.rounds.lock(round_id)
    if round_ is None or round_.status == "anonymised":
        return
    anonymised, event = rounds.anonymise(round_, await uow.now())
    await uow.rounds.save(anonymised)
    await uow.key_destructions.add(round_id, event.at)
    uow.record(event)


def _answers(round_: Round, instrument: Instrument, sheets: list[bytes]) -> RoundAnswers:
    unit = round_.unit
    profiles = [scoring.profile(instrument, sheet.decode(instrument, one)) for one in sheets]
    return RoundAnswers(round_.round_id, unit.unit_id, unit.path, unit.headcount, profiles)


async def _read(
    round_id: UUID, uow: UnitOfWork, keys: RoundKeys, cipher: SheetCipher
) -> list[bytes]:
    """The encoded sheets of everybody who answered. A round without any needs no secrets.

    Raises UnreadableRoundError or KeysUnavailableError.
    """
    keyed = await uow.keyed_sheets.of_round(round_id)
    if not keyed:
        return []
    secrets = await keys.read(round_id)
    return [cipher.unseal(secrets, round_id, key, sealed) for key, sealed in keyed]
