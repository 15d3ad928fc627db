"""What an erasure takes for a word, who confirms it, and what it leaves in the audit trail."""

from uuid import uuid4

import pytest

from integration.people.platform import Platform
from integration.people.scim import ScimClient, user
from integration.people.test_erasure import (
    ELSEWHERE,
    SERVICE,
    ask_to_erase,
    assert_whole,
    confirm_as,
    done,
    erase,
    import_all,
    lines_about,
)
from servicekit.settings import Database


@pytest.fixture
def platform(two_providers: Platform) -> Platform:
    return two_providers


async def test_a_service_confirms_for_itself_only(platform: Platform) -> None:
    await import_all(platform, str(uuid4()))
    path = f"/erasures/{(await erase(platform))['erasure_id']}"
    for client in ("workflow-service", "portal"):
        answer = await confirm_as(platform, client, f"{path}/confirmations", "content")
        assert (answer.status_code, answer.json()["code"]) == (403, "other-service")
    assert (await done(platform, "GET", path))["awaited"] == ELSEWHERE


async def test_whoever_reads_whom_it_is_about_is_noted(
    platform: Platform, database: Database
) -> None:
    await import_all(platform, str(uuid4()))
    erasure_id = (await erase(platform))["erasure_id"]
    await done(platform, "GET", f"/erasures/{erasure_id}/person", persona=SERVICE)
    _, read = await lines_about(database.dsn.get_secret_value(), f"erasure/{erasure_id}")
    assert read["action"] == "erasures.confirm/read_erased_person"
    assert "0001" not in read["details"]


async def test_what_an_erasure_says_is_not_erased(platform: Platform, database: Database) -> None:
    """Otherwise the lines that it says were erased would be faults of the trail."""
    await import_all(platform, str(uuid4()))
    asked = [
        await ask_to_erase(platform, "p-0001", "Asked for it with Exempelperson 0002"),
        await ask_to_erase(platform, "p-0002"),
    ]
    rows = [one.json()["confirmations"][0]["rows"]["audit_lines"] for one in asked]
    await assert_whole(database, sum(rows))


@pytest.mark.parametrize("blank", [" ", "the manager", "ward-2 "])
async def test_what_is_no_address_is_no_word(platform: Platform, blank: str) -> None:
    """A SCIM client may send anything as one."""
    await import_all(platform, str(uuid4()))
    scim = ScimClient(platform.service)
    async with scim.http:
        sent = user(1)
        sent["emails"].append({"value": blank, "type": "home"})
        await scim.create("/Users", sent)
    erasure_id = (await erase(platform))["erasure_id"]
    asked = await done(platform, "GET", f"/erasures/{erasure_id}/person", persona=SERVICE)
    assert [word for word in asked["words"] if word.strip() == blank.strip()] == []
