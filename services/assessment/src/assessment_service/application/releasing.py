"""From closed rounds to released results to anonymity: small steps that the worker repeats.

    close due rounds > release, once > drop keyed sheets > destroy secrets

Each step is a transaction of its own and checks, under a lock, whether it is still to be done, so a
crash between two steps costs nothing but time. Sheets are opened in the memory of a short-lived
process only (the port `Vault`); only results are stored. Secrets are destroyed last, so that every
earlier step can be repeated.
"""

from datetime import timedelta
from uuid import UUID

from assessment_service.application.commands import WriteOffRound
from assessment_service.application.counting import crowds
from assessment_service.application.ports import Scope, UnitOfWork
from assessment_service.application.scope import visible
from assessment_service.application.sealing_ports import (
    OpenKey,
    SheetOpener,
    UnreadableRoundError,
    Vault,
)
from assessment_service.domain import round as rounds
from assessment_service.domain.errors import DomainError
from assessment_service.domain.events import ResultsReleased
from assessment_service.domain.pauses import pauses_of
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.results import (
    populations,
    region_cell,
    release_cells,
    whole_band,
)
from assessment_service.domain.round import Round
from assessment_service.domain.round_answers import RoundAnswers


async def release_results(
    release_id: UUID,
    uow: UnitOfWork,
    open_key: OpenKey,
    rule: PrivacyRule,
    same_time: timedelta,
    cause: str | None = None,
) -> list[UUID]:
    """Compute a release's cells from its closed rounds, store and publish them. Happens once.

    People of whom another rollout has shown a value protect nobody if their rounds closed within
    `same_time` of these. Returns the rounds with more answers than people. Raises
    UnreadableRoundError while a round is neither readable nor written off, or
    KeysUnavailableError.
    """
    found = await uow.releases.get(release_id, scope=None)
    assert found
    now, marks = await uow.now(), await uow.pauses.of_rollout(found.rollout_id)
    release = await uow.releases.lock(release_id)
    members = await uow.rounds.of_release(release_id)
    if release.released_at is not None or any(r.status == "open" for r in members):
        return []
    if release.wait and release.wait.lasts(pauses_of(None, marks), now):
        return []
    instrument = await uow.instruments.get(release.instrument_id, release.instrument_version)
    assert instrument
    ends = [r.closed_at for r in members if r.closed_at]
    closed = (min(ends), max(ends))
    around = (closed[0] - same_time, closed[1] + same_time)
    units = {r.unit.unit_id for r in members}
    recently = await uow.publications.recently_about(release, units, around)
    by_round = await crowds(release, members, instrument, uow, open_key)
    answered = [
        RoundAnswers(
            r.round_id,
            r.unit.unit_id,
            r.unit.path,
            r.unit.headcount,
            by_round[r.round_id],
            r.unit.unit_id in recently,
        )
        for r in members
    ]
    groups = await uow.report_groups.of_rollout(release.rollout_id)
    cells = release_cells(answered, instrument, rule, groups)
    await uow.cells.add(release, cells)
    await uow.publications.register(release, closed, populations(cells, answered))
    count = sum(r.crowd.persons for r in answered)
    await uow.releases.mark_released(release_id, now, count)
    by_unit = {cell.unit_id: cell for cell in cells}
    uow.record(
        ResultsReleased(
            release,
            tuple((r.round_id, by_unit[r.unit_id]) for r in answered),
            whole_band(cells),
            region_cell(cells, answered),
        ),
        cause,
    )
    return [r.round_id for r in answered if r.is_flooded]


async def can_read(round_id: UUID, uow: UnitOfWork, open_key: OpenKey) -> bool:
    """Whether every sheet of a closed round opens. Raises KeysUnavailableError."""
    found = await uow.rounds.get(round_id)
    if found is None:
        return False
    release_id = found.release.release_id
    key = await uow.releases.key(release_id)
    try:
        opener: SheetOpener | None = None
        async for batch in uow.keyed_sheets.of_release(release_id, round_id):
            assert key
            opener = opener or open_key(release_id, key)
            for _, person, sealed in batch:
                opener.open(round_id, person, sealed)
    except UnreadableRoundError:
        return False
    return True


async def write_off_round(
    command: WriteOffRound, scope: Scope, uow: UnitOfWork, vault: Vault
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
    if await vault.can_read(command.round_id):
        detail = f"Every answer of round {command.round_id} can be read; it is released as usual."
        raise DomainError("round-readable", "conflict", detail)
    await uow.rounds.save(written_off)
    uow.record(event)
    before, after = {"written_off": False}, {"written_off": True}
    subject = f"round/{command.round_id}"
    uow.audit("rounds.extend/write_off_round", subject, before, after, command.reason)
    return written_off


async def drop_keyed_sheets(release_id: UUID, uow: UnitOfWork) -> None:
    """Drop the sheets of a release that is out, and record how many there were."""
    release = await uow.releases.lock(release_id)
    if release.released_at is not None:
        sheets = await uow.keyed_sheets.drop(release_id)
        await uow.releases.record_disposal(release_id, sheets)


async def record_anonymity(round_id: UUID, uow: UnitOfWork) -> None:
    """Record that the secrets of the round's release were destroyed. Call it only after that."""
    round_ = await uow.rounds.lock(round_id)
    if round_ is None or round_.status == "anonymised":
        return
    anonymised, event = rounds.anonymise(round_, await uow.now())
    await uow.rounds.save(anonymised)
    await uow.key_destructions.add(round_id, event.at)
    uow.record(event)
