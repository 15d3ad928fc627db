"""Issuing and redeeming one-time codes: who gets how many, what they open, and who may guess."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from people_service.application.code_ports import Round, UnitPlace
from people_service.application.exchange import TokenRules
from people_service.application.redeeming import (
    CodeRefused,
    Redeemed,
    TooManyFailures,
    forget_failures,
    redeem,
)
from people_service.application.sign_in_codes import (
    IssueCodes,
    IssuedCodes,
    issue_codes,
    place_unit,
    remember_round,
)
from people_service.domain.guessing import WINDOW, Limits
from people_service.domain.sign_in_code import digest, printed
from support.scopes import only, trees
from unit.people.builders import NOW, person, refused
from unit.people.code_port_scenarios import ROUND
from unit.people.fake_codes import CodeStore, FakeCodesUnitOfWork
from unit.people.fakes import FakeSigner

RULES = TokenRules("https://people.example.se", "um-platform", timedelta(minutes=10))
LIMITS = Limits(per_place=3, in_all=5)
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture
def store() -> CodeStore:
    """Rehab has a manager and three employees, of whom two have no mail address."""
    people = [replace(person(1), email=""), replace(person(2), email=""), person(3)]
    people += [person(4, ("manager", "rehab")), person(5, ("employee", "heart"))]
    return CodeStore(people={one.person_id: one for one in people}, rounds={ROUND.round_id: ROUND})


async def issue(store: CodeStore, form: Any, count: int | None = None, **who: Any) -> IssuedCodes:
    command = IssueCodes(ROUND.round_id, form, count)
    return await issue_codes(command, who.get("scope"), FakeCodesUnitOfWork(store))


async def enter(
    store: CodeStore, code: str, address: str = HERE, signer: FakeSigner | None = None
) -> Redeemed | CodeRefused | TooManyFailures:
    uow = FakeCodesUnitOfWork(store)
    return await redeem(code, address, uow, signer or FakeSigner(), RULES, LIMITS)


async def test_there_is_a_letter_for_each_employee_without_an_address(store: CodeStore) -> None:
    issued = await issue(store, "letters")
    assert [one.person_id for one in issued.addressees] == ["p-0001", "p-0002"]
    assert set(store.codes) == {digest(one) for one in issued.codes}
    with refused("codes-exhausted"):
        await issue(store, "letters")


async def test_slips_are_for_nobody_and_no_more_than_have_no_address(store: CodeStore) -> None:
    slips = await issue(store, "slips", 2)
    assert (len(slips.codes), slips.addressees) == (2, ())
    with refused("codes-exhausted"):
        await issue(store, "slips", 1)


async def test_who_issued_how_many_is_noted_and_no_code(store: CodeStore) -> None:
    issued = await issue(store, "slips", 2)
    ((action, subject, after),) = store.noted
    assert (action, subject) == ("codes.issue/issue_sign_in_codes", f"round/{ROUND.round_id}")
    assert after == {"unit_id": "rehab", "form": "slips", "count": 2}
    assert not any(code in str(store.noted) for code in issued.codes)


async def test_nothing_that_is_stored_says_who_has_which_code(store: CodeStore) -> None:
    issued = await issue(store, "letters")
    kept = str((store.codes, store.rounds, store.noted, store.failed))
    for person_ in issued.addressees:
        assert person_.person_id not in kept
        assert person_.name not in kept
    assert not any(code in kept or printed(code) in kept for code in issued.codes)


@pytest.mark.parametrize("scope", [None, only("rehab"), trees("rehab"), trees("region")])
async def test_codes_are_for_a_round_of_ones_own_units(store: CodeStore, scope: Any) -> None:
    await place_unit(UnitPlace("rehab", "region", "Rehab", 1), FakeCodesUnitOfWork(store))
    assert (await issue(store, "letters", scope=scope)).unit_name == "Rehab"


@pytest.mark.parametrize("scope", [only("heart"), trees("heart"), only("region"), only()])
async def test_a_round_of_another_unit_looks_unknown(store: CodeStore, scope: Any) -> None:
    await place_unit(UnitPlace("rehab", "region", "Rehab", 1), FakeCodesUnitOfWork(store))
    with refused("round-unknown"):
        await issue(store, "letters", scope=scope)
    assert store.codes == {}


async def test_a_code_opens_its_round_as_the_same_subject_each_time(store: CodeStore) -> None:
    (code, other) = (await issue(store, "slips", 2)).codes
    signer = FakeSigner()
    for typed in (code, printed(code).lower(), other):
        assert isinstance(await enter(store, typed, signer=signer), Redeemed)
    first, again, others = signer.signed
    assert first["assignments"] == [
        {"role": "respondent", "unit": "rehab", "round": str(ROUND.round_id)}
    ]
    assert first["sub"] == again["sub"] != others["sub"]
    assert first["exp"] - first["iat"] == 600
    assert store.failed == {}


async def test_a_token_ends_with_its_round(store: CodeStore) -> None:
    (code,) = (await issue(store, "slips", 1)).codes
    store.now = ROUND.closes_at - timedelta(seconds=90.5)
    signer = FakeSigner()
    redeemed = await enter(store, code, signer=signer)
    assert redeemed == Redeemed("token 1", timedelta(seconds=90))
    assert signer.signed[0]["exp"] <= ROUND.closes_at.timestamp()


async def test_ended_wrong_and_unknown_codes_look_the_same(store: CodeStore) -> None:
    (code,) = (await issue(store, "slips", 1)).codes
    store.now = ROUND.closes_at
    signer = FakeSigner()
    became = [await enter(store, typed, typed, signer) for typed in (code, "0" * 16, "x")]
    assert became == [CodeRefused(locked=False)] * 3
    assert signer.signed == []


async def test_the_codes_of_a_closed_round_are_gone(store: CodeStore) -> None:
    await issue(store, "slips", 1)
    another = replace(ROUND, round_id=uuid4())
    uow = FakeCodesUnitOfWork(store)
    await remember_round(another, uow)
    await issue_codes(IssueCodes(another.round_id, "slips", 1), None, uow)
    closed = Round(ROUND.round_id, "rehab", NOW, False, NOW + timedelta(1))
    await remember_round(closed, uow)
    assert [one.round_id for one in store.codes.values()] == [another.round_id]
    with refused("round-closed"):
        await issue(store, "slips", 1)


async def test_who_guesses_too_often_may_not_try_even_a_right_code(store: CodeStore) -> None:
    (code,) = (await issue(store, "slips", 1)).codes
    for _ in range(LIMITS.per_place):
        assert await enter(store, "wrong") == CodeRefused(locked=False)
    store.now += timedelta(minutes=1)
    assert await enter(store, code) == TooManyFailures(timedelta(minutes=9))
    assert isinstance(await enter(store, code, THERE), Redeemed)
    store.now += timedelta(minutes=9)
    assert isinstance(await enter(store, code), Redeemed)


async def test_too_many_failures_from_anywhere_lock_all_codes_and_say_so_once(
    store: CodeStore,
) -> None:
    (code,) = (await issue(store, "slips", 1)).codes
    became = [await enter(store, "wrong", f"192.0.2.{n}") for n in range(LIMITS.in_all)]
    assert became == [CodeRefused(locked=n == 4) for n in range(LIMITS.in_all)]
    assert await enter(store, code, "198.51.100.1") == TooManyFailures(WINDOW)
    store.now += WINDOW
    assert isinstance(await enter(store, code, "198.51.100.1"), Redeemed)
    await forget_failures(FakeCodesUnitOfWork(store))
    assert store.failed == {}
