"""Whose an identity is: what one provider says gives nothing of another's."""

import asyncio

from integration.people.platform import Platform
from integration.people.service import person_row
from servicekit.auth import Assignment

SAMPLE_PERSON = "person-0003"  # The development issuer knows them by the demo's file.


async def test_groups_are_a_providers_own(platform: Platform) -> None:
    who = await platform.principal(await platform.exchange(platform.region.token()))
    assert who.has("administrator")
    vouched = [{"role": "approver", "unit": "*"}]
    more = platform.region.token(sample_assignments=vouched, assignments=vouched)
    who = await platform.principal(await platform.exchange(more))
    assert {one.role for one in who.assignments} == {"administrator"}
    none = platform.region.token(groups=["others"], client_id="notification-service")
    assert "No role" in await platform.refusal(none)


async def test_the_same_subject_at_two_providers_is_two_accounts(platform: Platform) -> None:
    """Whoever can choose their subject at one provider becomes nobody of another one."""
    confused = platform.region.token(sub="administrator")
    ours = await platform.principal(await platform.exchange(confused))
    theirs = await platform.principal(
        await platform.exchange(await platform.persona("administrator"))
    )
    assert ours.subject != theirs.subject


async def test_a_subject_that_is_an_id_elsewhere_names_no_person(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(1, "manager"), person_row(2))
    assert "No role" in await platform.refusal(platform.region.token(sub="p-0001", groups=[]))
    named = platform.region.token(sub="p-0001", groups=[], employee="p-0002")
    who = await platform.principal(await platform.exchange(named))
    assert who.assignments == frozenset({Assignment("employee", "rehab")})
    other = platform.region.token(sub="p-0001", groups=[], employee="p-0001")
    assert "belongs to another person" in await platform.refusal(other)
    second = platform.region.token(sub="p-0002", groups=[], employee="p-0002")
    assert "has another identity" in await platform.refusal(second)


async def test_a_person_has_one_account_at_all_providers(platform: Platform) -> None:
    row = person_row(3, "manager").replace("p-0003", SAMPLE_PERSON)
    await platform.import_as_administrator(row)
    local = await platform.exchange(await platform.persona(f"person:{SAMPLE_PERSON}"))
    region = await platform.exchange(platform.region.token(employee=SAMPLE_PERSON, groups=[]))
    subjects = {(await platform.principal(token)).subject for token in (local, region)}
    assert len(subjects) == 1


async def test_many_first_exchanges_at_once_make_one_account(platform: Platform) -> None:
    tokens = await asyncio.gather(*(platform.exchange(platform.region.token()) for _ in range(10)))
    assert len({(await platform.principal(token)).subject for token in tokens}) == 1
