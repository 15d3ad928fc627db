"""An erased person is named nowhere any more, and what others did stays whole."""

import asyncio
import json
import logging
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack.tokens import PERSONA_GRANT
from integration.people.platform import Platform
from integration.people.scim import ENTERPRISE, ScimClient, group, user
from integration.people.service import HEADER, person_row
from servicekit.audit_verify import compared
from servicekit.db import create_engine
from servicekit.settings import Database
from support.searching import tables_with

WORDS = (
    "p-0001",
    "Exempelperson 0001",
    "person0001@",
    "subject-one",
    "subject-two",
    "released-one",
    "+46701740605",
    "SE2321000016-1ABC",
    "Tidigare Exempel",
    "tidigare@example.se",
)
ELSEWHERE = ["assessment", "content", "notification", "workflow"]
UNTIL = str(date.today() + timedelta(days=9))  # noqa: DTZ011 - any day that is to come


@pytest.fixture
def platform(two_providers: Platform) -> Platform:
    return two_providers


async def ask(
    platform: Platform, method: str, path: str, persona: str = "administrator", **request: Any
) -> httpx.Response:
    bearer = await platform.exchange(await platform.persona(persona))
    headers = {
        "authorization": f"Bearer {bearer}",
        "idempotency-key": str(uuid4()),
        **request.pop("headers", {}),
    }
    return await platform.service.client.request(method, path, headers=headers, **request)


async def done(platform: Platform, method: str, path: str, **request: Any) -> Any:
    answer = await ask(platform, method, path, **request)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


async def import_all(platform: Platform, key: str) -> httpx.Response:
    rows = [person_row(1, "manager"), person_row(2, "manager"), person_row(3)]
    rows.append(person_row(4, "administrator", unit=""))
    rows.append(person_row(1, "auditor", unit=""))
    headers = {"content-type": "text/csv", "idempotency-key": key}
    content = "\n".join([HEADER, *rows]).encode()
    answer = await ask(platform, "POST", "/persons/import", content=content, headers=headers)
    await platform.confirm_gifts()
    return answer


async def record_on_paper(platform: Platform, body: dict[str, str]) -> None:
    headers = await by_a_person(platform)
    await done(platform, "POST", "/delegations/on-paper", json=body, headers=headers)


async def by_a_person(platform: Platform) -> dict[str, str]:
    """Of p-0004, for what only an administrator does who is known."""
    token = platform.region.token(sub="p-0004", employee="p-0004")
    return {"authorization": f"Bearer {await platform.exchange(token)}"}


async def live(platform: Platform, key: str) -> None:
    """p-0001 does everything of which this service keeps something."""
    before = (
        person_row(1, "manager").replace(WORDS[1], WORDS[8]).replace("person0001@", "tidigare@")
    )
    headers = {"content-type": "text/csv"}
    content = f"{HEADER}\n{before}".encode()
    await done(platform, "POST", "/persons/import", content=content, headers=headers)
    assert (await import_all(platform, key)).status_code == 200
    first = platform.region.token(sub="released-one", employee="p-0001")
    await platform.exchange(first)
    await release(platform, "p-0001")
    await platform.exchange(platform.region.token(sub="of-another", employee="p-0002"))
    await release(platform, "p-0002")
    await platform.exchange(platform.region.token(sub="subject-one", employee="p-0001"))
    await platform.exchange(platform.stranger.token(sub="subject-two", employee="p-0001"))
    await platform.refusal(platform.region.token(sub="another", employee="p-0001"))
    await platform.refusal(platform.region.token(sub="subject-one", employee="p-0002"))
    for principal, deputy in (("p-0001", "p-0002"), ("p-0002", "p-0001")):
        body = {"unit_id": "rehab", "delegate": deputy, "valid_to": UNTIL, "reason": "Leave"}
        body["principal_id"] = principal
        await record_on_paper(platform, body)
    scim = ScimClient(platform.service)
    async with scim.http:
        one = await scim.create("/Users", user(1))
        two: dict[str, Any] = {
            "department": "rehab",
            "manager": {"value": one["id"], "displayName": WORDS[1]},
        }
        changes: dict[str, Any] = {ENTERPRISE: two}
        other = await scim.create("/Users", user(2, **changes))
        listed = group("manager:rehab", other["id"])
        listed["members"].append({"value": one["id"], "display": WORDS[1]})
        await scim.create("/Groups", listed)
    async with platform.service.app.uow() as uow:
        await uow.role_gifts.record([("p-0001", "auditor")], uuid4())
    await platform.service.app._announce_managers()
    facts = {"phone": "070-174 06 05", "hsa_id": "se2321000016-1abc", "reason": "They asked"}
    await done(platform, "PATCH", "/persons/p-0001", json=facts)
    async with platform.service.app.uow() as uow:
        await uow.units.remember("lab", 1)
    by_hand = {"role": "facilitator", "unit_id": "lab", "reason": "Exempelperson 0001 can"}
    await done(platform, "POST", "/persons/p-0001/assignments", json=by_hand)


async def release(platform: Platform, person_id: str) -> None:
    (identity,) = (await done(platform, "GET", f"/persons/{person_id}/identities"))["identities"]
    path = f"/persons/{person_id}/identities/{identity['identity_id']}/release"
    said = {"reason": "Exempelperson 0001 has a new account"}
    await done(platform, "POST", path, json=said, headers=await by_a_person(platform))


async def ask_to_erase(
    platform: Platform, person_id: str = "p-0001", reason: str = "Asked for it, case 12"
) -> httpx.Response:
    headers, body = await by_a_person(platform), {"reason": reason}
    return await ask(platform, "POST", f"/persons/{person_id}/erase", json=body, headers=headers)


async def erase(platform: Platform, person_id: str = "p-0001") -> dict[str, Any]:
    answer = await ask_to_erase(platform, person_id)
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def confirm(platform: Platform, erasure: dict[str, Any]) -> dict[str, Any]:
    """As every other service does; what the last one gets."""
    path = f"/erasures/{erasure['erasure_id']}/confirmations"
    found: dict[str, Any] = {}
    for service in ELSEWHERE:
        answer = await confirm_as(platform, f"{service}-service", path, service)
        assert answer.is_success, answer.text
        found = answer.json()
    return found


async def confirm_as(platform: Platform, client: str, path: str, service: str) -> httpx.Response:
    form = {"grant_type": PERSONA_GRANT, "persona": SERVICE, "client_id": client}
    async with httpx.AsyncClient() as http:
        issued = (await http.post(f"{platform.local}/token", data=form)).json()
    bearer = await platform.exchange(issued["access_token"])
    headers = {"authorization": f"Bearer {bearer}", "idempotency-key": str(uuid4())}
    body = {"service": service, "rows": {"rows": 2}}
    return await platform.service.client.post(path, json=body, headers=headers)


SERVICE = "service"


async def assert_whole(database: Database, erased: int) -> None:
    engine = create_engine(database)
    try:
        report = await compared(engine, {}, [], keep_days=3650)
    finally:
        await engine.dispose()
    assert (report.faults, report.erased) == ((), erased)


async def test_an_erased_person_is_named_nowhere(
    platform: Platform, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    key, dsn = str(uuid4()), database.dsn.get_secret_value()
    await live(platform, key)
    held = {table for table, _ in await tables_with(dsn, WORDS)}
    about = {"persons", "assignments", "identities", "released_identities", "refused_bindings"}
    about |= {"delegations", "scim_resources", "role_gifts", "managements", "idempotency_keys"}
    assert held == about | {"audit_lines", "former_facts"}

    erasure = await erase(platform)
    assert {table for table, _ in await tables_with(dsn, WORDS)} == {"erasures"}
    path = f"/erasures/{erasure['erasure_id']}"
    asked = await done(platform, "GET", f"{path}/person", persona=SERVICE)
    assert asked["person_id"] == "p-0001"
    identifying = [WORDS[n] for n in (0, 1, 6, 7, 8, 9)]
    assert set(asked["words"]) >= set(identifying), "as texts of other services have them"
    assert "subject-one" not in asked["words"], "no text is about this word"
    assert (erasure["complete"], erasure["awaited"]) == (False, ELSEWHERE)
    rows = erasure["confirmations"][0]["rows"]
    assert {name: count for name, count in rows.items() if not count} == {}
    complete = await confirm(platform, erasure)
    assert (complete["complete"], complete["awaited"]) == (True, [])
    assert await confirm(platform, erasure) == complete
    assert await tables_with(dsn, WORDS) == set()
    nobody: dict[str, Any] = {"person_id": None, "words": []}
    assert await done(platform, "GET", f"{path}/person", persona=SERVICE) == nobody
    assert await done(platform, "GET", path) == complete
    assert (await done(platform, "GET", "/erasures"))["items"] == [complete]

    await assert_whole(database, rows["audit_lines"])
    asked, _, confirmed, *_ = await lines_about(dsn, f"erasure/{erasure['erasure_id']}")
    assert asked["action"] == "persons.change/erase_person"
    assert json.loads(asked["details"])["reason"] == "Asked for it, case 12"
    assert confirmed["action"] == "erasures.confirm/confirm"
    logged = [one.getMessage() for one in caplog.records if one.name.startswith("people_service")]
    assert [text for text in logged for word in WORDS if word in text] == []

    again = await import_all(platform, key)
    assert (again.status_code, again.json()["code"]) == (410, "answer-erased")
    left = {one["person_id"] for one in (await done(platform, "GET", "/persons"))["items"]}
    assert left == {"p-0002", "p-0003", "p-0004"}


async def test_a_second_erasure_is_harmless(platform: Platform, database: Database) -> None:
    await live(platform, str(uuid4()))
    first = await erase(platform)
    second = await erase(platform)
    assert sum(second["confirmations"][0]["rows"].values()) == 0
    for erasure in (first, second):
        await confirm(platform, erasure)
    third = await ask_to_erase(platform)
    assert (third.status_code, third.json()["code"]) == (404, "unknown-person")
    assert await tables_with(database.dsn.get_secret_value(), WORDS) == set()
    await assert_whole(database, first["confirmations"][0]["rows"]["audit_lines"])


async def test_who_was_deleted_before_is_erased_too(platform: Platform, database: Database) -> None:
    dsn = database.dsn.get_secret_value()
    await import_all(platform, str(uuid4()))
    words = ["p-0001", "subject-one", "released-one"]
    await platform.exchange(platform.region.token(sub="released-one", employee="p-0001"))
    await release(platform, "p-0001")
    await platform.exchange(platform.region.token(sub="subject-one", employee="p-0001"))
    await done(platform, "DELETE", "/persons/p-0001")
    held = {table for table, word in await tables_with(dsn, words)}
    assert held == {"identities", "released_identities", "idempotency_keys", "audit_lines"}
    erasure = await erase(platform)
    assert erasure["confirmations"][0]["rows"]["identities"] == 2
    await confirm(platform, erasure)
    assert await tables_with(dsn, words) == set()


async def test_who_was_deleted_by_scim_is_erased_too(
    platform: Platform, database: Database
) -> None:
    await import_all(platform, str(uuid4()))
    scim = ScimClient(platform.service)
    async with scim.http:
        one = await scim.create("/Users", user(7))
        await platform.exchange(platform.region.token(sub="subject-seven", employee="p-0007"))
        deleted = await scim.ask("DELETE", f"/Users/{one['id']}")
        assert deleted.status_code == 204, deleted.text
    await confirm(platform, await erase(platform, "P-0007"))
    dsn = database.dsn.get_secret_value()
    assert await tables_with(dsn, ["p-0007", "subject-seven"]) == set()


async def test_an_id_is_erased_in_the_form_in_which_it_is_known(
    platform: Platform, database: Database
) -> None:
    """As at a sign-in. Else the proof would be of an id that nobody has, and the person stay."""
    await import_all(platform, str(uuid4()))
    await confirm(platform, await erase(platform, "P-0001"))
    assert await tables_with(database.dsn.get_secret_value(), ["p-0001"]) == set()
    for never_known in ("p-0099", "rehab", "p-000", "deputy"):
        answer = await ask_to_erase(platform, never_known)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-person")


async def test_a_namesake_and_ordinary_words_stay(platform: Platform, database: Database) -> None:
    """An id that is also a word or the beginning of another id takes nothing of others with it."""
    await import_all(platform, str(uuid4()))
    await done(platform, "DELETE", "/persons/p-0003")
    body = {"unit_id": "rehab", "delegate": "p-0002", "valid_to": UNTIL, "reason": "The deputy"}
    await record_on_paper(platform, {**body, "principal_id": "p-0001"})
    words = ("deputy", "p-000", "p", "rehab", "manager")
    for word in words:
        row = person_row(9).replace("p-0009", word)
        content = f"{HEADER}\n{row}".encode()
        headers = {"content-type": "text/csv"}
        await done(platform, "POST", "/persons/import", content=content, headers=headers)
    for word in words:
        counts = (await erase(platform, word))["confirmations"][0]["rows"]
        assert counts["audit_lines"] == 1
    assert len((await done(platform, "GET", "/delegations"))["items"]) == 1
    await assert_whole(database, len(words))


async def test_what_another_provider_calls_somebody_else_stays(
    platform: Platform, database: Database
) -> None:
    """The same subject at another provider is somebody else, or a system."""
    await import_all(platform, str(uuid4()))
    word = platform.stranger.token(sub="p-0001", employee="p-0003")
    same = platform.stranger.token(sub="1001", employee="p-0002")
    before = [await account(platform, token) for token in (same, word)]
    await platform.exchange(platform.region.token(sub="1001", employee="p-0001"))
    async with platform.service.app.uow() as uow:
        system = await uow.accounts.keep(platform.region.url, "p-0001", None, date.min)
        await uow.accounts.keep(platform.local, "P-0001", None, date.min)  # Whose `sub` is the id.
    for person_id in ("p-0002", "p-0003"):
        await done(platform, "DELETE", f"/persons/{person_id}")
    rows = (await erase(platform))["confirmations"][0]["rows"]
    assert rows["identities"] == 2
    await import_all(platform, str(uuid4()))
    assert [await account(platform, token) for token in (same, word)] == before
    async with platform.service.app.uow() as uow:
        assert await uow.accounts.find(platform.region.url, "p-0001", date.min) == (system, None)
        assert await uow.accounts.find(platform.local, "P-0001", date.min) is None


async def account(platform: Platform, token: str) -> str:
    return (await platform.principal(await platform.exchange(token))).subject


async def test_the_reason_names_nobody(platform: Platform) -> None:
    await import_all(platform, str(uuid4()))
    for reason in (
        "Left: EXEMPELPERSON 0001",
        "P-0001 asked",
        "person0001@example.se",
        "_Exempelperson 0001_",
    ):
        answer = await ask_to_erase(platform, reason=reason)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason-names-person")
        assert answer.json()["errors"][0]["pointer"] == "/body/reason"


async def test_confirmations_of_nothing(platform: Platform) -> None:
    body = {"service": "notification", "rows": {}}
    path = f"/erasures/{uuid4()}/confirmations"
    answer = await ask(platform, "POST", path, SERVICE, json=body)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-erasure")
    await import_all(platform, str(uuid4()))
    erasure = await erase(platform)
    path = f"/erasures/{erasure['erasure_id']}/confirmations"
    answer = await ask(platform, "POST", path, SERVICE, json={**body, "service": "portal"})
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-service")


async def test_an_import_under_way_is_waited_for(platform: Platform, database: Database) -> None:
    """What it stores of the person, its answer too, is removed with the rest."""
    await import_all(platform, str(uuid4()))
    imports = [import_all(platform, str(uuid4())) for _ in range(3)]
    erasing = asyncio.create_task(erase(platform))
    await asyncio.gather(*imports, erasing)
    await confirm(platform, erasing.result())
    again = await ask_to_erase(platform)
    assert again.status_code in (202, 404)
    if again.is_success:
        await confirm(platform, again.json())
    assert await tables_with(database.dsn.get_secret_value(), WORDS) == set()


async def lines_about(dsn: str, subject: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        query = "select * from audit_lines where subject = $1 order by seq"
        found: list[asyncpg.Record] = await connection.fetch(query, subject)
        return found
    finally:
        await connection.close()
