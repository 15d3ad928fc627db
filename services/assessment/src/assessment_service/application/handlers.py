"""The use cases that change something, except answering (answering.py) and releasing
(releasing.py). Each runs inside an open unit of work and never commits."""

from assessment_service.application.commands import CloseRound, OpenRounds
from assessment_service.application.ports import Clock, RoundKeys, UnitOfWork
from assessment_service.domain import instrument as instruments
from assessment_service.domain import round as rounds
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.round import Round, Unit


async def publish_instrument(instrument: Instrument, uow: UnitOfWork) -> None:
    """Store a version for ever. The same version with the same content again changes nothing.

    Raises DomainError `instrument-invalid`, or `instrument-version-exists` for other content.
    """
    event = instruments.publish(instrument)
    if await uow.instruments.add(instrument):
        uow.record(event)
    elif await uow.instruments.get(instrument.instrument_id, instrument.version) != instrument:
        raise DomainError(
            "instrument-version-exists",
            "conflict",
            f"{instrument.instrument_id} version {instrument.version} is published with other"
            " content, and versions never change. Publish it as a new version.",
        )


async def open_rounds(
    command: OpenRounds, uow: UnitOfWork, keys: RoundKeys, clock: Clock
) -> list[Round]:
    """A round for each unit, in the order asked for; those that exist are left as they are.

    Raises DomainError `instrument-unknown`, or what opening a single round raises; then no round
    is opened at all.
    """
    asked = command.release
    if await uow.instruments.get(asked.instrument_id, asked.instrument_version) is None:
        raise instrument_unknown(asked.instrument_id, asked.instrument_version)
    release = await uow.releases.start(asked)
    wanted = {
        unit_id: rounds.round_id(asked.rollout_id, unit_id, asked.occasion)
        for unit_id in command.unit_ids
    }
    found = {
        round_.unit.unit_id: rounds.same_release(round_, asked)
        for round_ in await uow.rounds.find(wanted.values())
    }
    missing = [unit_id for unit_id in wanted if unit_id not in found]
    if missing:
        rounds.check_release(asked, release)
        known = await uow.units.around(missing)
    for unit_id in missing:
        unit = rounds.snapshot(unit_id, known)
        opened, event = rounds.open_round(release, unit, clock(), command.closes_at)
        # First the secrets, then the commit: an open round without secrets could take no answer,
        # secrets without a round only wait for the next attempt, which has the same round id.
        await keys.create(opened.round_id)
        await uow.rounds.add(opened)
        uow.record(event)
        found[unit_id] = opened
    return [found[unit_id] for unit_id in wanted]


async def close_round(command: CloseRound, uow: UnitOfWork, clock: Clock) -> Round:
    """The round, closed. An answer that was told "stored" is in it; later ones are refused.

    Raises DomainError `round-unknown`.
    """
    round_ = await uow.rounds.lock(command.round_id)
    if round_ is None:
        raise rounds.unknown_error(command.round_id)
    closed, event = rounds.close(round_, clock())
    if event:
        await uow.rounds.save_status(closed)
        uow.record(event)
    return closed


async def record_unit(unit: Unit, uow: UnitOfWork) -> None:
    """Keep what the workflow service told about a unit, in whatever order it arrives."""
    await uow.units.save(unit)


def instrument_unknown(instrument_id: str, version: int) -> DomainError:
    """What is told about an instrument that is not published."""
    detail = f"There is no instrument {instrument_id} version {version}."
    return DomainError("instrument-unknown", "not_found", detail)
