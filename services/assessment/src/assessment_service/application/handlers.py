"""The use cases that change something, except answering (answering.py) and releasing
(releasing.py). Each runs inside an open unit of work and never commits.

Locks are taken in one order, so that two of them cannot deadlock: a rollout's pauses, releases,
rounds.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from assessment_service.application.commands import (
    CloseRound,
    ExtendRound,
    OpenRounds,
    RecordPause,
    StopAsking,
)
from assessment_service.application.ports import Scope, UnitOfWork
from assessment_service.application.scope import check_unit, visible
from assessment_service.application.sealing_ports import KeysUnavailableError, ReleaseKeys, Vault
from assessment_service.domain import closing_time
from assessment_service.domain import instrument as instruments
from assessment_service.domain import round as rounds
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.pauses import Mark, pauses_of, unheard
from assessment_service.domain.round import OCCASIONS, Occasion, Release, Round, Unit, round_id
from assessment_service.domain.wait import Wait


async def publish_instrument(instrument: Instrument, uow: UnitOfWork) -> None:
    """Store a version permanently. Publishing it again with the same content changes nothing.

    Raises DomainError `instrument-invalid`, `instrument-version-gap` unless it is the next version,
    or `instrument-version-exists` for other content.
    """
    event = instruments.publish(instrument)
    instruments.check_version(instrument, await uow.instruments.newest(instrument.instrument_id))
    if await uow.instruments.add(instrument):
        uow.record(event)
        subject, after = f"instrument/{instrument.instrument_id}", {"version": instrument.version}
        uow.audit("instruments.publish/publish_instrument", subject, after=after)
    elif await uow.instruments.get(instrument.instrument_id, instrument.version) != instrument:
        raise DomainError(
            "instrument-version-exists",
            "conflict",
            f"{instrument.instrument_id} version {instrument.version} has other content already,"
            " and versions never change. Publish it as a new version.",
        )


async def open_rounds(
    command: OpenRounds, scope: Scope, uow: UnitOfWork, keys: ReleaseKeys, vault: Vault
) -> list[Round]:
    """Return a round for each unit, in the order of the request; existing rounds stay unchanged.

    Raises DomainError `outside-scope`, `instrument-unknown`, `unit-has-round`,
    `release-takes-no-more`, or what opening a single round raises, or KeysUnavailableError; then no
    round is opened at all.
    """
    known = await uow.units.around(command.unit_ids)
    for unit_id in command.unit_ids:
        check_unit(scope, unit_id, known)
    asked = command.release
    if await uow.instruments.get(asked.instrument_id, asked.instrument_version) is None:
        raise instrument_unknown(asked.instrument_id, asked.instrument_version)
    now, marks = await uow.now(), await uow.pauses.of_rollout(asked.rollout_id)
    until = command.wait_until
    wait = Wait(command.awaited, since=now, until=until) if until else None
    release = await uow.releases.start(replace(asked, wait=wait))
    deadline = _deadline(release, marks, now)
    wanted = {
        unit_id: round_id(asked.rollout_id, unit_id, asked.occasion) for unit_id in command.unit_ids
    }
    found = {
        round_.unit.unit_id: rounds.same_release(round_, asked)
        for round_ in await uow.rounds.find(wanted.values())
    }
    missing = wanted.keys() - found.keys()
    if missing:
        rounds.check_release(asked, release)
        rounds.check_unfinished(await uow.rounds.unfinished(missing), wanted.values())
        key = await uow.releases.key(release.release_id)
        has_share = key is not None and key.has_share
        rounds.check_joining(release, command.closes_at, deadline, has_share=has_share)
    new = [
        rounds.open_round(release, rounds.snapshot(unit_id, known), now, command.closes_at)
        for unit_id in sorted(missing)  # in one order, so that two requests cannot deadlock
    ]
    together = {
        unit_id: group.unit_ids
        for group in await uow.report_groups.of_rollout(asked.rollout_id)
        for unit_id in group.unit_ids
    }
    if new:
        await _prepare(asked.release_id, uow, keys, vault)
    for new_round, event in new:
        pauses = pauses_of(new_round.unit.unit_id, marks)
        opened, _ = closing_time.hold(new_round, pauses, deadline)
        await _add(opened, uow)
        uow.record(replace(event, together=together.get(opened.unit.unit_id, ())))
        uow.audit("rounds.open/open_rounds", _subject(opened), after=_noted(opened))
        found[opened.unit.unit_id] = opened
    await _wait_no_longer(asked.rollout_id, missing, uow, asked.occasion)
    return [found[unit_id] for unit_id in wanted]


async def close_round(command: CloseRound, scope: Scope, uow: UnitOfWork) -> Round:
    """Return the closed round. It has every answer that was reported as stored, and no later one.

    Raises DomainError `round-unknown`.
    """
    found = await uow.rounds.lock(command.round_id)
    round_ = await visible(found, command.round_id, scope, uow)
    closed = await _close(round_, uow)
    if closed != round_:
        before, after = {"status": round_.status}, {"status": closed.status}
        uow.audit("rounds.close/close_round", _subject(round_), before, after)
    return closed


async def close_due(round_id: UUID, reported: Iterable[Mark], uow: UnitOfWork) -> None:
    """Close the round if it still is due: a pause or an extension may have come first.

    `reported` is what the workflow service said after the round fell due, of any rollouts. Pauses
    whose events are still to come count from now on. What it did not say cannot matter: a pause
    that begins after the closing time holds nothing.
    """
    round_ = await uow.rounds.get(round_id)
    if round_ is None:
        return
    await _learn(round_.release.rollout_id, reported, uow)
    now, marks = await uow.now(), await uow.pauses.of_rollout(round_.release.rollout_id)
    found = await uow.rounds.lock(round_id)
    if found and closing_time.is_due(found, now, _deadline(found.release, marks, now)):
        await _close(found, uow)


async def extend_round(command: ExtendRound, scope: Scope, uow: UnitOfWork) -> Round:
    """Return the round with its new closing time. Its release waits for it.

    Raises DomainError `round-unknown`, or what `closing_time.extend` raises.
    """
    found = await visible(await uow.rounds.get(command.round_id), command.round_id, scope, uow)
    now, marks = await uow.now(), await uow.pauses.of_rollout(found.release.rollout_id)
    release = await uow.releases.lock(found.release.release_id)
    round_ = await visible(await uow.rounds.lock(command.round_id), command.round_id, scope, uow)
    extended, event = closing_time.extend(round_, command.closes_at, command.reason, now)
    await uow.rounds.save(extended)
    if release.wait and (deadline := _deadline(release, marks, now)):
        release = replace(release, wait=release.wait.until_after(extended.closes_at, deadline))
        await uow.releases.save_wait(release)
        extended = replace(extended, release=release)
    if event:
        uow.record(event)
    before, after = {"closes_at": round_.closes_at}, {"closes_at": extended.closes_at}
    uow.audit("rounds.extend/extend_round", _subject(round_), before, after, reason=command.reason)
    return extended


async def record_pause(command: RecordPause, uow: UnitOfWork) -> None:
    """Hold the open rounds that the pause concerns, or let their time go on.

    Events may arrive late, repeated, or in any order between units and their rollout.
    """
    mark = command.mark
    await uow.pauses.add(command.event_id, mark)
    marks = await uow.pauses.of_rollout(mark.rollout_id)
    changed, now = [], await uow.now()
    for round_ in await uow.rounds.lock_open(mark.rollout_id, mark.unit_id):
        deadline = _deadline(round_.release, marks, now)
        held, event = closing_time.hold(round_, pauses_of(round_.unit.unit_id, marks), deadline)
        if held != round_:
            changed.append(held)
        if event:
            uow.record(event)
    await uow.rounds.save(*changed)


async def _learn(rollout_id: UUID, reported: Iterable[Mark], uow: UnitOfWork) -> None:
    """Record the rollout's pauses that no event has reported, as their events would."""
    own = [mark for mark in reported if mark.rollout_id == rollout_id]
    if not own:
        return
    await uow.pauses.lock(rollout_id)
    for mark in unheard(own, await uow.pauses.of_rollout(rollout_id)):
        made = uuid5(rollout_id, f"{mark.unit_id}|{mark.at.isoformat()}|{mark.paused}")
        await record_pause(RecordPause(made, mark), uow)


async def stop_asking(command: StopAsking, uow: UnitOfWork) -> None:
    """Close the unit's open rounds of a rollout; their results are released by the usual rule.

    A journey that was paused when it stopped does not hold the rounds of a later one.
    """
    over = Mark(command.rollout_id, command.unit_id, command.at, paused=False)
    await uow.pauses.add(command.event_id, over)
    await _wait_no_longer(command.rollout_id, [command.unit_id], uow)
    for occasion in OCCASIONS:
        identity = round_id(command.rollout_id, command.unit_id, occasion)
        if found := await uow.rounds.lock(identity):
            await _close(found, uow)


async def record_rollout(rollout_id: UUID, unit_ids: Collection[str], uow: UnitOfWork) -> None:
    """Store that the workflow service has the rollout, with these units."""
    await uow.rollouts.add(rollout_id, unit_ids)


async def record_unit(unit: Unit, uow: UnitOfWork) -> None:
    """Store a unit's state as the workflow service published it; events may arrive in any order."""
    await uow.units.save(unit)


async def _wait_no_longer(
    rollout_id: UUID,
    unit_ids: Collection[str],
    uow: UnitOfWork,
    occasion: Occasion | None = None,
) -> None:
    """No release waits for these units: their rounds have opened, or will not."""
    for release in await uow.releases.waiting_for(rollout_id, unit_ids, occasion):
        assert release.wait
        await uow.releases.save_wait(replace(release, wait=release.wait.without(unit_ids)))


def _deadline(release: Release, marks: Iterable[Mark], now: datetime) -> datetime | None:
    """Until when the release waits; None if it waits for nobody."""
    return release.wait.deadline(pauses_of(None, marks), now) if release.wait else None


def _subject(round_: Round) -> str:
    return f"round/{round_.round_id}"


def _noted(opened: Round) -> dict[str, object]:
    """A new round as the audit trail has it."""
    return {
        "rollout_id": opened.release.rollout_id,
        "release_id": opened.release.release_id,
        "occasion": opened.release.occasion,
        "unit_id": opened.unit.unit_id,
        "closes_at": opened.closes_at,
    }


async def _add(opened: Round, uow: UnitOfWork) -> None:
    """Raises DomainError `round-in-other-release`."""
    if not await uow.rounds.add(opened):
        # Another release was first: the lock on ours admits one request at a time.
        (first,) = await uow.rounds.find([opened.round_id])
        raise rounds.other_release_error(first)


async def _prepare(release_id: UUID, uow: UnitOfWork, keys: ReleaseKeys, vault: Vault) -> None:
    """Make the release's secrets and its place for sheets, if this is its first round.

    Secrets come before the commit: an open round without them could accept no answer. Those of an
    attempt that does not commit are replaced by the next. Raises KeysUnavailableError.
    """
    if await uow.releases.key(release_id) is not None:
        return
    try:
        key = await vault.create(release_id)
    except KeysUnavailableError:
        # Only the first round may initialise the folder; later, no marker means the wrong folder.
        if await uow.rounds.any():
            raise
        await keys.initialise()
        key = await vault.create(release_id)
    await uow.releases.save_key(release_id, key)
    await uow.keyed_sheets.prepare(release_id)


async def _close(round_: Round, uow: UnitOfWork) -> Round:
    closed, event = rounds.close(round_, await uow.now())
    if event:
        await uow.rounds.save(closed)
        uow.record(event)
    return closed


def instrument_unknown(instrument_id: str, version: int) -> DomainError:
    """The error for an instrument that is not published."""
    detail = f"There is no instrument {instrument_id} version {version}."
    return DomainError("instrument-unknown", "not_found", detail)
