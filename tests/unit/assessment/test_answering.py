"""The answer path with fakes: its memory, its order of checks, and what it hands to storage."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from assessment_service.application.answering import Answering
from assessment_service.application.commands import SubmitAnswer
from assessment_service.application.sealing_ports import RoundFacts, Stored
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Instrument
from support.scopes import trees
from unit.assessment.builders import a_round, answers, instrument, release


class FakeStore:
    """Keeps sheets; refuses all once closed."""

    def __init__(self) -> None:
        self.sheets: dict[bytes, bytes] = {}
        self.rounds: dict[bytes, UUID] = {}
        self.open = True

    async def put(self, release_id: UUID, round_id: UUID, key: bytes, sealed: bytes) -> Stored:
        if not self.open:
            return "closed"
        if self.rounds.setdefault(key, round_id) != round_id:
            return "elsewhere"
        self.sheets[key] = sealed
        return "stored"


class FakeKeys:
    def __init__(self) -> None:
        self.reads = 0

    async def initialise(self) -> None: ...

    async def participation(self, release_id: UUID) -> bytes:
        self.reads += 1
        return b"p" * 32

    async def destroy(self, release_id: UUID) -> None: ...


class NoSealer:
    def seal(self, public_key: bytes, round_id: UUID, key: bytes, sheet: bytes) -> bytes:
        return sheet


def a_command(
    round_id: UUID, subject: str = "a", unit: str = "ward", value: int = 3
) -> SubmitAnswer:
    return SubmitAnswer(round_id, "issuer", subject, frozenset({unit}), trees(unit), answers(value))


class Setting:
    """Answering on fakes, with one open round in the ward."""

    def __init__(self, cache_seconds: float = 60) -> None:
        self.round = a_round(release())
        self.store, self.keys = FakeStore(), FakeKeys()
        self.answering = Answering(
            self.read_round, self.instrument, self.keys, NoSealer(), self.store, cache_seconds
        )

    async def read_round(self, round_id: UUID) -> RoundFacts | None:
        known = round_id == self.round.round_id
        return RoundFacts(self.round, b"k" * 32, False, False) if known else None

    async def instrument(self, instrument_id: str, version: int) -> Instrument:
        return instrument(version=version)

    async def submit(self, value: int = 3, subject: str = "a", unit: str = "ward") -> Any:
        command = a_command(self.round.round_id, subject, unit, value)
        return await self.answering.submit(command)


async def test_the_profile_is_the_persons_own() -> None:
    profile = await Setting().submit(value=5)
    assert set(profile.scores.values()) == {100}


async def test_a_second_sheet_replaces_the_first() -> None:
    setting = Setting()
    await setting.submit(value=1)
    await setting.submit(value=5)
    await setting.submit(value=2, subject="b")
    assert len(setting.store.sheets) == 2


async def test_an_open_round_is_looked_up_once() -> None:
    setting = Setting()
    for subject in "abc":
        await setting.submit(subject=subject)
    assert setting.keys.reads == 1


async def test_secrets_are_forgotten_in_time() -> None:
    setting = Setting(cache_seconds=0.01)
    await setting.submit()
    forgotten = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, forgotten.set)
    await forgotten.wait()
    await setting.submit()
    assert setting.keys.reads == 2


async def test_a_remembered_round_that_closed_takes_nothing() -> None:
    setting = Setting()
    await setting.submit()
    setting.store.open = False
    with pytest.raises(DomainError) as refused:
        await setting.submit(subject="late")
    assert refused.value.code == "round-closed"
    assert len(setting.store.sheets) == 1


@pytest.mark.parametrize(("unit", "code"), [("health", "outside-unit"), ("x", "round-unknown")])
@pytest.mark.parametrize("remembered", [False, True])
async def test_only_the_units_own_people(unit: str, code: str, remembered: bool) -> None:
    setting = Setting()
    if remembered:
        await setting.submit()
    before = dict(setting.store.sheets)
    with pytest.raises(DomainError) as refused:
        await setting.submit(unit=unit)
    assert (refused.value.code, setting.store.sheets) == (code, before)


async def test_a_sheet_that_does_not_fit_is_not_stored() -> None:
    setting = Setting()
    with pytest.raises(DomainError, match="do not fit"):
        await setting.submit(value=9)
    assert setting.store.sheets == {}


async def test_an_unknown_round() -> None:
    setting = Setting()
    setting.round = a_round(release(uuid4()), "elsewhere")
    with pytest.raises(DomainError) as refused:
        await setting.answering.submit(a_command(uuid4()))
    assert refused.value.code == "round-unknown"


def test_a_command_does_not_show_who_or_what() -> None:
    command = a_command(uuid4(), "somebody")
    assert "somebody" not in repr(command)
    assert "engagement" not in repr(command)


async def test_somebody_with_two_units_counts_once_in_a_release() -> None:
    setting = Setting()
    await setting.submit()
    setting.round = a_round(setting.round.release, "clinic")
    with pytest.raises(DomainError) as refused:
        await setting.submit(unit="clinic")
    assert refused.value.code == "answered-elsewhere"
    assert len(setting.store.sheets) == 1
