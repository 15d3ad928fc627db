"""What SCIM gives to persons, who may use it, and what it refuses."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from devstack import Stack
from integration.people.scim import (
    ENTERPRISE,
    TOKEN,
    USER,
    ScimClient,
    group,
    provisioned,
    user,
)
from integration.people.service import Service, person_row
from people_service.domain.person import Assignment
from servicekit.settings import Database
from support.audit import Trail
from support.searching import tables_with

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
EMPLOYEE = ("employee", "rehab", "scim")


@pytest.fixture
async def scim(servers: Stack, database: Database, tmp_path: Path) -> AsyncIterator[ScimClient]:
    administrators = {"um-administrators": {"role": "administrator"}}
    async with provisioned(servers, database, tmp_path, group_roles=administrators) as client:
        yield client


def platform_token(scim: ScimClient, assignment: dict[str, str]) -> str:
    """A token that this service itself has signed."""
    now = int(time.time())
    auth = scim.service.settings.auth
    return scim.service.app.signer.sign(
        {
            "iss": auth.issuer,
            "aud": auth.audience,
            "sub": "sample-client",
            "iat": now,
            "exp": now + 60,
            "assignments": [assignment],
        }
    )


def assert_refused(answer: httpx.Response, status: int, scim_type: str | None = None) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/scim+json"
    body = answer.json()
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(status)
    assert body.get("scimType") == scim_type
    return str(body["detail"])


async def test_a_user_is_a_person_employed_in_their_unit(scim: ScimClient) -> None:
    made = await scim.create("/Users", user(1, preferredLanguage="en-GB"))
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    async with scim.service.app.uow() as uow:
        (person,) = (await uow.persons.of_ids(["p-0001"])).values()
    assert (person.name, person.email) == ("Exempelperson 0001", "person0001@example.se")
    assert person.language == "en"
    assert person.assignments == {Assignment("employee", "rehab", source="scim")}


async def test_a_user_who_is_switched_off_keeps_nothing_of_scim(scim: ScimClient) -> None:
    made = await scim.create("/Users", user(1))
    off = {"op": "Replace", "path": "active", "value": "False"}  # As Microsoft Entra ID sends it.
    assert (await scim.patch(f"/Users/{made['id']}", off)).status_code == 200
    assert await scim.assignments("p-0001") == set()
    await scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": True}})
    assert await scim.assignments("p-0001") == {EMPLOYEE}


async def test_every_read_is_noted_without_whom_it_asked_for(
    scim: ScimClient, database: Database
) -> None:
    made = await scim.create("/Users", user(1))
    trail = Trail(database)
    await trail.new()
    await scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    assert [line.action for line in await trail.new()] == ["persons.provision"]

    name = {"op": "replace", "path": "displayName", "value": "Exempelperson X"}
    await scim.patch(f"/Users/{made['id']}", name)
    line = await trail.one()
    assert (line.before | {"changed": ["name"]}, "Exempelperson" in str(line)) == (
        line.after,
        False,
    )

    await scim.ask("GET", f"/Users/{made['id']}")
    line = await trail.one()
    assert line[1:3] == ("persons.provision/read", f"scim-user/{made['id']}")
    assert line.account.startswith("scim-token-")

    asked = 'userName eq "person0001@example.se" and externalId sw "p-"'
    await scim.ask("GET", "/Users", params={"filter": asked, "count": "0"})
    line = await trail.one()
    assert line.subject == "scim-users"
    wanted = 'userName eq "…" and externalId sw "…"'
    assert line.after == {"filter": wanted, "found": 1, "read": 0}
    await scim.ask("POST", "/.search", json={"schemas": [SEARCH]})
    line = await trail.one()
    assert (line.subject, line.after["read"]) == ("scim-users and scim-groups", 1)

    await scim.ask("GET", f"/Users/{uuid4()}")
    for described in ("/ServiceProviderConfig", "/Schemas"):
        await scim.ask("GET", described)
    assert await trail.new() == []


async def test_what_others_gave_stays(scim: ScimClient, service: Service) -> None:
    """An import and SCIM each change their own; a person is deleted with their last source."""
    await service.import_people(person_row(1, "manager", "heart"))
    made = await scim.create("/Users", user(1))
    imported = ("manager", "heart", "import")
    assert await scim.assignments("p-0001") == {imported, EMPLOYEE}
    await service.import_people(person_row(1, "facilitator", "heart"))
    imported = ("facilitator", "heart", "import")
    assert await scim.assignments("p-0001") == {imported, EMPLOYEE}
    assert (await scim.ask("DELETE", f"/Users/{made['id']}")).status_code == 204
    assert await scim.assignments("p-0001") == {imported}
    only = await scim.create("/Users", user(2))
    assert (await scim.ask("DELETE", f"/Users/{only['id']}")).status_code == 204
    assert await scim.assignments("p-0002") is None


async def test_a_person_who_is_deleted_has_no_user_either(
    scim: ScimClient, service: Service
) -> None:
    made = await scim.create("/Users", user(1))
    assert (await service.ask("DELETE", "/persons/p-0001")).status_code == 204
    assert_refused(await scim.ask("GET", f"/Users/{made['id']}"), 404)
    await scim.create("/Users", user(1))


@pytest.mark.parametrize("by_scim", [True, False])
async def test_nothing_that_stays_refers_to_who_was_deleted(
    scim: ScimClient, service: Service, database: Database, by_scim: bool
) -> None:
    """Clients write a display name beside a reference: it must not outlive the person."""
    gone = (await scim.create("/Users", user(1)))["id"]
    named = {"value": gone, "displayName": "Exempelperson 0001"}
    led: dict[str, Any] = {ENTERPRISE: {"department": "rehab", "manager": named}}
    other = await scim.create("/Users", user(2, **led))
    listed = group("manager:heart", other["id"])
    listed["members"].append({"value": gone, "display": "Exempelperson 0001"})
    team = await scim.create("/Groups", listed)
    if by_scim:
        assert (await scim.ask("DELETE", f"/Users/{gone}")).status_code == 204
    else:
        assert (await service.ask("DELETE", "/persons/p-0001")).status_code == 204
    found = await tables_with(
        database.dsn.get_secret_value(), ["p-0001", "Exempelperson 0001", gone]
    )
    assert {table for table, _ in found} == {"audit_lines"}
    left = (await scim.ask("GET", f"/Groups/{team['id']}")).json()
    assert [one["value"] for one in left["members"]] == [other["id"]]
    assert left["meta"]["version"] == 'W/"2"'
    assert await scim.assignments("p-0002") == {EMPLOYEE, ("manager", "heart", "scim")}


async def test_another_id_is_another_person(scim: ScimClient) -> None:
    made = await scim.create("/Users", user(1))
    changed = {"op": "replace", "path": "externalId", "value": "p-0009"}
    assert (await scim.patch(f"/Users/{made['id']}", changed)).status_code == 200
    assert await scim.assignments("p-0001") is None
    assert await scim.assignments("p-0009") == {EMPLOYEE}


async def test_upper_case_ids_mean_the_person_of_an_import(
    scim: ScimClient, service: Service
) -> None:
    await service.import_people(person_row(1))
    await scim.create("/Users", user(1, externalId="P-0001"))
    assert await scim.assignments("P-0001") is None
    assert await scim.assignments("p-0001") == {("employee", "rehab", "import"), EMPLOYEE}


async def test_groups_give_the_roles_that_the_settings_allow(scim: ScimClient) -> None:
    first, second = [(await scim.create("/Users", user(n)))["id"] for n in (1, 2)]
    made = await scim.create("/Groups", group("manager:pv-nora", first))
    await scim.create("/Groups", group("um-administrators", first))
    for name in ("administrator:rehab", "approver", "approver:rehab", "manager:", "manager:A B"):
        await scim.create("/Groups", group(name, first))
    manager, everywhere = ("manager", "pv-nora", "scim"), ("administrator", "", "scim")
    assert await scim.assignments("p-0001") == {EMPLOYEE, manager, everywhere}
    path = f"/Groups/{made['id']}"
    await scim.patch(path, {"op": "add", "path": "members", "value": [{"value": second}]})
    assert await scim.assignments("p-0002") == {EMPLOYEE, manager}
    await scim.patch(path, {"op": "remove", "path": f'members[value eq "{first}"]'})
    assert await scim.assignments("p-0001") == {EMPLOYEE, everywhere}
    await scim.patch(path, {"op": "replace", "path": "displayName", "value": "manager:heart"})
    assert await scim.assignments("p-0002") == {EMPLOYEE, ("manager", "heart", "scim")}
    assert (await scim.ask("DELETE", path)).status_code == 204
    assert await scim.assignments("p-0002") == {EMPLOYEE}


async def test_a_deleted_user_leaves_their_groups(scim: ScimClient) -> None:
    first = (await scim.create("/Users", user(1)))["id"]
    made = await scim.create("/Groups", group("manager:heart", first))
    await scim.ask("DELETE", f"/Users/{first}")
    left = (await scim.ask("GET", f"/Groups/{made['id']}")).json()
    assert left.get("members", []) == []
    assert left["meta"]["version"] == 'W/"2"'


async def test_entra_removes_a_member_by_value(scim: ScimClient) -> None:
    first = (await scim.create("/Users", user(1)))["id"]
    made = await scim.create("/Groups", group("manager:heart", first))
    removal = {"op": "Remove", "path": "members", "value": [{"value": first}]}
    assert (await scim.patch(f"/Groups/{made['id']}", removal)).status_code == 200
    assert await scim.assignments("p-0001") == {EMPLOYEE}


async def test_entra_sends_a_managers_id_as_a_text(scim: ScimClient) -> None:
    first, second = [(await scim.create("/Users", user(n)))["id"] for n in (1, 2)]
    led = {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": second}
    answer = await scim.patch(f"/Users/{first}", led)
    assert answer.status_code == 200, answer.text
    manager = answer.json()[ENTERPRISE]["manager"]
    assert manager["value"] == second
    assert manager["$ref"].endswith(f"/scim/v2/Users/{second}")


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"externalId": None}, "externalId"),
        ({"externalId": "N/A"}, "externalId"),
        ({"externalId": "person@example.se"}, "externalId"),
        ({"emails": [{"value": "nobody"}]}, "emails"),
        ({"displayName": "A\nB"}, "displayName"),
        ({ENTERPRISE: {"department": "Rehab och mer"}}, "department"),
    ],
)
async def test_a_user_who_cannot_be_a_person_is_refused(
    scim: ScimClient, changes: dict[str, Any], named: str
) -> None:
    answer = await scim.ask("POST", "/Users", json=user(1, **changes))
    assert named in assert_refused(answer, 400, "invalidValue")
    assert (await scim.ask("GET", "/Users")).json()["totalResults"] == 0


async def test_nobody_is_two_users(scim: ScimClient) -> None:
    await scim.create("/Users", user(1))
    same_name = user(2, userName="PERSON0001@example.se")
    assert_refused(await scim.ask("POST", "/Users", json=same_name), 409, "uniqueness")
    same_person = user(2, externalId="p-0001")
    assert_refused(await scim.ask("POST", "/Users", json=same_person), 409, "uniqueness")


async def test_of_two_writers_with_one_etag_one_wins(scim: ScimClient) -> None:
    path = f"/Users/{(await scim.create('/Users', user(1)))['id']}"
    etag = (await scim.ask("GET", path)).headers["etag"]
    unchanged = await scim.ask("GET", path, headers={"if-none-match": etag})
    assert unchanged.status_code == 304

    async def write(number: int) -> httpx.Response:
        name = {"op": "replace", "path": "displayName", "value": f"Exempelperson {number}"}
        return await scim.patch(path, name, headers={"if-match": etag})

    answers = await asyncio.gather(*(write(n) for n in range(6)))
    won = [a for a in answers if a.status_code == 200]
    assert len(won) == 1
    for lost in answers:
        if lost is not won[0]:
            assert_refused(lost, 412)
    assert won[0].headers["etag"] == 'W/"2"'


async def test_writers_without_an_etag_wait_for_each_other(scim: ScimClient) -> None:
    """Microsoft Entra ID adds members to a group from several requests at once."""
    ids = [(await scim.create("/Users", user(n)))["id"] for n in range(1, 7)]
    path = f"/Groups/{(await scim.create('/Groups', group('manager:heart')))['id']}"

    async def add(member: str) -> int:
        member_too = {"op": "add", "path": "members", "value": [{"value": member}]}
        return (await scim.patch(path, member_too)).status_code

    assert set(await asyncio.gather(*map(add, ids))) == {200}
    members = (await scim.ask("GET", path)).json()["members"]
    assert {one["value"] for one in members} == {*ids}


async def test_a_bulk_request_gives_a_role_to_a_user_of_its_own(scim: ScimClient) -> None:
    operations = [
        {
            "method": "POST",
            "path": "/Groups",
            "bulkId": "g",
            "data": group("manager:heart", "bulkId:u"),
        },
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": user(1)},
        {"method": "POST", "path": "/Users", "bulkId": "v", "data": user(2, externalId="?")},
    ]
    answer = await scim.ask("POST", "/Bulk", json={"schemas": [BULK], "Operations": operations})
    assert [one["status"] for one in answer.json()["Operations"]] == ["201", "201", "400"]
    assert await scim.assignments("p-0001") == {EMPLOYEE, ("manager", "heart", "scim")}


async def test_bulk_ids_in_a_circle_are_a_conflict(scim: ScimClient) -> None:
    operations = [
        {"method": "POST", "path": "/Groups", "bulkId": a, "data": group(a, f"bulkId:{b}")}
        for a, b in (("a", "b"), ("b", "c"), ("c", "a"))
    ]
    answer = await scim.ask("POST", "/Bulk", json={"schemas": [BULK], "Operations": operations})
    assert {one["status"] for one in answer.json()["Operations"]} == {"409"}
    assert (await scim.ask("GET", "/Groups")).json()["totalResults"] == 0


async def test_too_much_at_once_is_refused(scim: ScimClient) -> None:
    many = [{"method": "DELETE", "path": f"/Users/{uuid4()}"} for _ in range(201)]
    answer = await scim.ask("POST", "/Bulk", json={"schemas": [BULK], "Operations": many})
    assert_refused(answer, 413)
    large = user(1, displayName="x" * 1_100_000)
    assert_refused(await scim.ask("POST", "/Users", json=large), 413)
    path = f"/Users/{uuid4()}"
    step = {"op": "replace", "path": "active", "value": True}
    assert_refused(await scim.patch(path, *[step] * 1_001), 400, "invalidSyntax")
    long = {"op": "remove", "path": f"emails[{' or '.join(['type pr'] * 300)}]"}
    assert_refused(await scim.patch(path, long), 400, "invalidFilter")


async def test_a_filter_that_is_too_long_or_too_deep_is_refused(scim: ScimClient) -> None:
    long = " or ".join(['userName eq "a"'] * 200)
    deep = "not (" * 100 + "userName pr" + ")" * 100
    for filter_ in (long, deep):
        answer = await scim.ask("GET", "/Users", params={"filter": filter_})
        assert_refused(answer, 400, "invalidFilter")
        body = {"schemas": [SEARCH], "filter": filter_}
        answer = await scim.ask("POST", "/Users/.search", json=body)
        assert_refused(answer, 400, "invalidFilter")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"schemas": ' + b"[" * 150 + b"]" * 150 + b"}",
        b'{"userName": "a", "userName": "b"}',
        b"\xff",
        b"{",
        b"null",
        b"[]",
        b'{"schemas": ["' + USER.encode() + b'"], "userName": "a\\u0000b", "externalId": "p-1",'
        b' "emails": [{"value": "a@example.se"}]}',
    ],
    ids=lambda body: str(body[:12]),
)
async def test_odd_bodies_are_refused_as_scim_does(scim: ScimClient, body: bytes) -> None:
    for method, path in (("POST", "/Users"), ("POST", "/Bulk"), ("POST", "/.search")):
        answer = await scim.ask(method, path, content=body)
        assert answer.headers["content-type"] == "application/scim+json"
        assert answer.json()["schemas"] == [ERROR]
        assert 400 <= answer.status_code < 500, f"{path}: {answer.text}"


async def test_another_media_type_is_refused(scim: ScimClient) -> None:
    answer = await scim.ask("POST", "/Users", content=b"a,b", headers={"content-type": "text/csv"})
    assert_refused(answer, 415)


async def test_what_is_not_there_is_refused_as_scim_does(scim: ScimClient) -> None:
    for path in ("/Users/nobody", f"/Users/{uuid4()}", "/Nothing", "/Users/a/b", "/Users/%00"):
        assert_refused(await scim.ask("GET", path), 404)
    assert_refused(await scim.ask("PATCH", "/Users", json={}), 405)
    assert_refused(await scim.ask("GET", "/Users", params={"sortBy": "userName"}), 501)
    assert_refused(await scim.ask("GET", "/Me"), 501)


async def test_only_static_tokens_of_the_settings_and_provisioners_are_accepted(
    scim: ScimClient,
) -> None:
    for token in (None, "x", TOKEN[:-1], hashlib.sha256(TOKEN.encode()).hexdigest()):
        answer = await scim.ask("GET", "/Users", token=token)
        assert_refused(answer, 401)
        assert "Bearer" in answer.headers["www-authenticate"]
    assert (await scim.ask("GET", "/ServiceProviderConfig", token=None)).status_code == 200
    assert_refused(await scim.ask("POST", "/ServiceProviderConfig", token=None), 401)


async def test_a_token_of_the_platform_needs_the_role_for_provisioning(scim: ScimClient) -> None:
    for role, status in (("provisioner", 200), ("service", 403), ("administrator", 403)):
        token = platform_token(scim, {"role": role, "unit": "*"})
        assert (await scim.ask("GET", "/Users", token=token)).status_code == status
    of_a_unit = platform_token(scim, {"role": "provisioner", "unit": "rehab"})
    assert_refused(await scim.ask("GET", "/Users", token=of_a_unit), 403)


async def test_several_static_tokens_are_accepted_while_one_replaces_another(
    servers: Stack, database: Database, tmp_path: Path
) -> None:
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in ("old", "new")]
    async with provisioned(servers, database, tmp_path, token_sha256=hashes) as client:
        for token in ("old", "new"):
            assert (await client.ask("GET", "/Users", token=token)).status_code == 200


async def test_there_is_no_scim_unless_it_is_switched_on(service: Service) -> None:
    async with httpx.AsyncClient(base_url=service.url) as http:
        headers = {"authorization": f"Bearer {TOKEN}"}
        assert (await http.get("/scim/v2/Users", headers=headers)).status_code == 404
