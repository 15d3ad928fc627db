"""Somebody who was deleted and added again is who they were, and may no more than before."""

import pytest

from integration.people.platform import Platform
from integration.people.scim import ScimClient, user
from integration.people.service import person_row
from integration.people.test_erasure import by_a_person, done, release


@pytest.fixture
def platform(two_providers: Platform) -> Platform:
    return two_providers


async def test_what_was_released_stays_released_when_scim_adds_the_person_again(
    platform: Platform,
) -> None:
    await platform.import_as_administrator(person_row(4, "administrator", ""))
    stolen = platform.region.token(sub="stolen", employee="p-0001")
    scim = ScimClient(platform.service)
    async with scim.http:
        before = await scim.create("/Users", user(1))
        await platform.exchange(stolen)
        await release(platform, "p-0001")
        assert (await scim.ask("DELETE", f"/Users/{before['id']}")).status_code == 204
        await scim.create("/Users", user(1))
    assert "taken from the person" in await platform.refusal(stolen)
    (released,) = (await done(platform, "GET", "/persons/p-0001/identities"))["released"]
    assert released["subject"] == "stolen"


async def account(platform: Platform, token: str) -> str:
    """The account that the token is exchanged for."""
    return (await platform.principal(await platform.exchange(token))).subject


async def delete_and_add(platform: Platform) -> None:
    await done(platform, "DELETE", "/persons/p-0001")
    await platform.import_as_administrator(person_row(1))


async def test_by_another_account_at_the_provider_they_are_who_they_were(
    platform: Platform,
) -> None:
    """Else they approve what they proposed before."""
    await platform.import_as_administrator(person_row(1), person_row(4, "administrator", ""))
    old = platform.region.token(sub="old", employee="p-0001")
    new = platform.region.token(sub="new", employee="p-0001")
    before = await account(platform, old)
    await delete_and_add(platform)
    assert await account(platform, new) == before
    assert "has another identity at this provider" in await platform.refusal(old)
    await release(platform, "p-0001")
    assert await account(platform, old) == before


async def test_by_the_other_provider_first_they_are_who_they_were(platform: Platform) -> None:
    await platform.import_as_administrator(person_row(1), person_row(4, "administrator", ""))
    one = platform.region.token(sub="one", employee="p-0001")
    other = platform.stranger.token(sub="other", employee="p-0001")
    before = await account(platform, one)
    for _ in range(2):
        await delete_and_add(platform)
        assert await account(platform, other) == before
        assert await account(platform, one) == before


async def test_whom_their_old_account_at_the_provider_names_now_is_not_them(
    platform: Platform,
) -> None:
    await platform.import_as_administrator(
        person_row(1), person_row(2), person_row(4, "administrator", "")
    )
    before = await account(platform, platform.region.token(sub="old", employee="p-0001"))
    await delete_and_add(platform)
    other = platform.stranger.token(sub="other", employee="p-0001")
    assert await account(platform, other) == before
    taken_over = platform.region.token(sub="old", employee="p-0002")
    assert "has acted" in await platform.refusal(taken_over)
    known = (await done(platform, "GET", "/identities/without-person"))["items"]
    (identity_id,) = [one["identity_id"] for one in known if one["subject"] == "old"]
    path = f"/persons/p-0002/identities/{identity_id}/join"
    headers = await by_a_person(platform)
    await done(platform, "POST", path, json={"reason": "Shown"}, headers=headers)
    assert await account(platform, taken_over) != before
    assert await account(platform, other) == before
