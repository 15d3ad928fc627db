"""Standing in for somebody gives nothing that they do not hold, and can be given once only."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from people_service.application import delegating
from people_service.application.commands import FindAudience
from people_service.application.delegating import Delegate, EndDelegation
from people_service.application.exchange import grant_of
from people_service.application.handlers import find_audience
from people_service.domain.delegation import REMIND_BEFORE, DelegationEndApproached, check
from people_service.domain.identity_provider import Held
from people_service.domain.person import Assignment
from unit.people.builders import NOW, deputised, person, refused
from unit.people.fakes import FakeUnitOfWork, Store
from unit.people.provider_builder import provider, read

TODAY = date(2026, 3, 2)
ACCOUNT = UUID(int=7)
MANAGER = person(1, ("manager", "rehab"))


def wish(**changes: Any) -> Delegate:
    given = Delegate("deputy", "rehab", "p-0002", None, date(2026, 3, 9), "Leave")
    return replace(given, **changes)


@pytest.fixture
def uow() -> FakeUnitOfWork:
    people = [MANAGER, person(2), person(3, ("approver", "")), person(4)]
    return FakeUnitOfWork(Store(now=NOW, people={one.person_id: one for one in people}))


async def account_of(uow: FakeUnitOfWork, number: int) -> str:
    return str(await uow.accounts.of_person(f"p-{number:04}"))


async def held_by(number: int, uow: FakeUnitOfWork) -> frozenset[Held]:
    """What a token of the person says they hold."""
    claims = {"sub": f"p-{number:04}"}
    return (await grant_of(read(provider(), claims), uow)).held


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"delegate_id": "p-0001"}, "/delegate"),
        ({"unit_id": ""}, "/unit_id"),
        ({"role": "approver"}, "/unit_id"),
        ({"valid_from": TODAY - timedelta(days=1)}, "/valid_from"),
        ({"valid_to": TODAY - timedelta(days=1)}, "/valid_to"),
        ({"valid_to": TODAY + timedelta(days=367)}, "/valid_to"),
    ],
)
def test_what_cannot_be_delegated_is_refused_where_it_is_wrong(changes, pointer):
    with refused("delegation-invalid") as caught:
        check(deputised(ACCOUNT, **changes), MANAGER, TODAY)
    assert [error["pointer"] for error in caught.value.errors] == [pointer]


@pytest.mark.parametrize(
    "held",
    [
        Assignment("employee", "rehab"),
        Assignment("manager", "heart"),
        Assignment("manager", "rehab", valid_to=TODAY - timedelta(days=1)),
        Assignment("manager", "rehab", valid_from=TODAY + timedelta(days=1)),
        Assignment("manager", "rehab", source="delegation", standing_for=ACCOUNT),
        Assignment("manager", "rehab", counts=False),
    ],
)
def test_only_who_holds_the_role_themselves_can_be_stood_in_for(held):
    with refused("role-not-held"):
        check(deputised(ACCOUNT), replace(MANAGER, assignments=frozenset({held})), TODAY)


async def test_a_deputy_gets_a_token_that_says_in_whose_place(uow):
    made = await delegating.delegate(wish(), await account_of(uow, 1), uow)
    held = await held_by(2, uow)
    assert Held("deputy", "rehab", True, made.standing_for) in held
    assert str(made.standing_for) == await account_of(uow, 1)
    assert uow.store.audited == [("delegations.make/delegate", f"delegation/{made.delegation_id}")]


async def test_a_deputy_cannot_pass_it_on(uow):
    await delegating.delegate(wish(), await account_of(uow, 1), uow)
    with refused("role-not-held"):
        await delegating.delegate(wish(delegate="p-0004"), await account_of(uow, 2), uow)


async def test_whoever_approves_by_a_providers_group_is_told_that_it_cannot_be_delegated(uow):
    """They hold the role, and nothing here says for how long."""
    approvers = provider(group_claims=("groups",), group_roles={"approvers": "approver"})
    claims = {"sub": "p-0004", "groups": ["approvers"]}
    grant = await grant_of(read(approvers, claims), uow)
    assert Held.of("approver") in grant.held
    with refused("role-not-held") as caught:
        await delegating.delegate(wish(role="approver", unit_id=""), grant.subject, uow)
    assert "provider's group" in caught.value.detail


async def test_a_deputy_of_who_is_no_manager_any_more_gets_nothing(uow):
    await delegating.delegate(wish(), await account_of(uow, 1), uow)
    uow.store.people["p-0001"] = person(1)
    held = await held_by(2, uow)
    assert {one.role for one in held} == {"employee"}


async def test_an_approvers_delegate_approves_in_their_place(uow):
    command = wish(role="approver", unit_id="", delegate="person0004@example.se")
    await delegating.delegate(command, await account_of(uow, 3), uow)
    held = await held_by(4, uow)
    (approver,) = (one for one in held if one.role == "approver")
    assert str(approver.standing_for) == await account_of(uow, 3)


async def test_what_was_said_on_paper_is_marked(uow):
    administrator = await account_of(uow, 4)
    made = await delegating.record_on_paper(wish(), "p-0001", administrator, uow)
    assert made.on_paper
    with refused("unknown-person"):
        await delegating.record_on_paper(wish(), "p-0009", administrator, uow)


async def test_whoever_records_what_was_said_on_paper_has_to_be_known(uow):
    """Otherwise an administrator whom nobody has imported yet appoints themselves."""
    with refused("caller-unknown"):
        await delegating.record_on_paper(wish(), "p-0001", str(ACCOUNT), uow)
    assert uow.store.delegations == {}


@pytest.mark.parametrize("delegate", ["p-0002", "person0002@example.se"])
async def test_nobody_records_that_they_stand_in_themselves(uow, delegate):
    with refused("own-delegation"):
        command = wish(delegate=delegate)
        await delegating.record_on_paper(command, "p-0001", await account_of(uow, 2), uow)
    assert uow.store.delegations == {}


@pytest.mark.parametrize("delegate", ["p-0009", "nobody@example.se"])
async def test_whoever_stands_in_has_to_be_known(uow, delegate):
    with refused("delegate-unknown"):
        await delegating.delegate(wish(delegate=delegate), await account_of(uow, 1), uow)


async def test_an_account_of_nobody_known_delegates_nothing(uow):
    with refused("caller-unknown"):
        await delegating.delegate(wish(), str(ACCOUNT), uow)


async def test_the_end_of_a_delegation_is_announced_once_and_without_persons(uow):
    later = wish(valid_to=TODAY + REMIND_BEFORE + timedelta(days=1))
    made = await delegating.delegate(later, await account_of(uow, 1), uow)
    await delegating.announce_ends(uow)
    assert uow.store.recorded == []
    uow.store.now += timedelta(days=1)
    await delegating.announce_ends(uow)
    await delegating.announce_ends(uow)
    assert uow.store.recorded == [DelegationEndApproached(made.delegation_id, later.valid_to)]


async def test_both_persons_hear_of_it_unless_it_was_ended(uow):
    made = await delegating.delegate(wish(), await account_of(uow, 1), uow)
    query = FindAudience("delegation", None, made.delegation_id)
    assert await find_audience(query, uow) == ["p-0001", "p-0002"]
    ending = EndDelegation(made.delegation_id, "", True, "Back")
    await delegating.end(ending, uow)
    assert await find_audience(query, uow) == []
    assert await find_audience(FindAudience("delegation", None, UUID(int=9)), uow) == []
    with refused("delegation-missing"):
        await find_audience(FindAudience("delegation", "rehab"), uow)


async def test_both_can_end_it_and_nobody_else(uow):
    made = await delegating.delegate(wish(), await account_of(uow, 1), uow)

    def ending(account: str, everybodys: bool = False) -> EndDelegation:
        return EndDelegation(made.delegation_id, account, everybodys, "Back")

    with refused("delegation-unknown"):
        await delegating.end(ending(await account_of(uow, 4)), uow)
    ended = await delegating.end(ending(await account_of(uow, 2)), uow)
    assert ended.ended_on == TODAY
    held = await held_by(2, uow)
    assert {one.role for one in held} == {"employee"}
    with refused("delegation-over"):
        await delegating.end(ending(await account_of(uow, 4), everybodys=True), uow)
