"""Two of four people answer a round: the other two are reminded, and nothing that is kept says who.

Afterwards all four get to know that the results are out.
"""

import asyncio
from collections import Counter
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from devstack import Stack
from devstack.options import Layout
from e2e.pilot import Administrator, prepare
from support.eventually import eventually
from support.otlp import OtlpSink
from support.searching import tables_with, topics_with
from support.stack import signed_in

REMINDER, INVITATION, RESULTS = "är öppen till", "är öppen", "är sammanställd"
ROWS = """
    select m.recipient_id, m.template, m.status, m.attempt, m.step, m.reason, count(a.number)
    from messages m left join attempts a on a.item_id = m.message_id
    where m.recipient_id = any($1) group by m.message_id
    union all select recipient_id, 'invitation', '', 0, 0, '', 0 from invitations
    where recipient_id = any($1)
"""


@pytest.fixture
def unit() -> str:
    return f"remind-{uuid4().hex[:8]}"


async def mails(stack: Stack, about: str) -> dict[str, Counter[str]]:
    """Whose mails have a word in their subject: how many of each kind, by person id."""
    found: dict[str, Counter[str]] = {}
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        for page in range(1, 1_000):
            query = {"limit": 500, "page": page}
            answer = await client.get(f"{stack.env['MAILBOX_URL']}/messages", params=query)
            items = answer.raise_for_status().json()["items"]
            for mail in items:
                person, kind = mail["recipients"][0].partition("@")[0], kind_of(mail["subject"])
                if person.startswith(about) and kind:
                    found.setdefault(person, Counter())[kind] += 1
            if len(items) < query["limit"]:
                return found
    return found


def kind_of(subject: str) -> str | None:
    return next((kind for kind in (REMINDER, INVITATION, RESULTS) if kind in subject), None)


async def start(administrator: Administrator, request: dict[str, Any]) -> None:
    rollout = administrator.post("workflow", "/rollouts", request)
    actions = f"/rollouts/{rollout['rollout_id']}/actions"
    for kind in ("risk_assessment", "joint_consultation"):
        recorded = {"wave": 0, "kind": kind, "reference": "RV 1", "recorded_on": "2026-01-02"}
        administrator.post("workflow", f"{actions}/record-prerequisite", recorded)
    administrator.post("workflow", f"{actions}/start-pilot", {})


async def open_round(stack: Stack, unit: str) -> str:
    headers = signed_in(stack, "administrator")
    async with httpx.AsyncClient(headers=headers, timeout=30) as http:

        async def found() -> str:
            answer = await http.get(f"{stack.env['ASSESSMENT_URL']}/v1/rounds?unit_id={unit}")
            assert answer.json()["items"], "no round is open yet"
            return str(answer.json()["items"][0]["round_id"])

        return str(await eventually(found, within=90))


async def answer(stack: Stack, round_id: str, person: str) -> None:
    path = f"{stack.env['ASSESSMENT_URL']}/v1/rounds/{round_id}"
    async with httpx.AsyncClient(headers=signed_in(stack, f"person:{person}"), timeout=30) as http:
        items = (await http.get(path)).raise_for_status().json()["instrument"]["items"]
        body = {"answers": {item["item_id"]: 3 for item in items}}
        (await http.put(f"{path}/answer", json=body)).raise_for_status()


async def rows_of(stack: Stack, people: list[str]) -> dict[str, list[tuple[Any, ...]]]:
    """What notification has of each of them, without ids and times."""
    connection = await asyncpg.connect(stack.env["NOTIFICATION_OWNER_DATABASE_URL"])
    try:
        rows = await connection.fetch(ROWS, people)
    finally:
        await connection.close()
    return {one: sorted(tuple(row[1:]) for row in rows if row[0] == one) for one in people}


async def accounts(stack: Stack, people: list[str]) -> dict[str, str]:
    """As whom tokens name those who have signed in."""
    connection = await asyncpg.connect(stack.env["PEOPLE_OWNER_DATABASE_URL"])
    try:
        query = "select person_id, account_id::text from identities where person_id = any($1)"
        return dict(await connection.fetch(query, people))
    finally:
        await connection.close()


def logs_with(stack: Stack, words: list[str]) -> set[str]:
    texts = [path.read_text(errors="replace") for path in Layout(stack.directory).logs.glob("*")]
    assert any("a reminder of round" in text for text in texts)
    return {word for word in words if any(word in text for text in texts)}


async def test_who_has_not_answered_is_reminded_and_nothing_says_who(
    stack: Stack, spans: OtlpSink, unit: str
) -> None:
    administrator = Administrator(stack)
    request = prepare(administrator, unit)
    more = [
        f"{unit}-{n},Exempelperson 000{n},{unit}-{n}@example.se,sv,employee,{unit}" for n in (3, 4)
    ]
    columns = "person_id,name,email,language,role,unit_id"
    administrator.post("people", "/persons/import", "\n".join([columns, *more]))
    answering, silent = [f"{unit}-1", f"{unit}-chef"], [f"{unit}-3", f"{unit}-4"]
    everybody = [*answering, *silent]
    signed_in(stack, f"person:{silent[0]}")  # Who has signed in has not answered yet.
    await start(administrator, request)
    round_id = await open_round(stack, unit)
    for person in answering:
        await answer(stack, round_id, person)

    async def reminded() -> bool:
        found = await mails(stack, unit)
        once, twice = Counter({INVITATION: 1}), Counter({INVITATION: 1, REMINDER: 1})
        assert found == dict.fromkeys(answering, once) | dict.fromkeys(silent, twice)
        return True

    await eventually(reminded, within=120)
    await asyncio.sleep(6)  # Longer than from one look for reminders to the next.
    await reminded()

    kept = await rows_of(stack, everybody)
    assert kept[everybody[0]] != []
    assert {str(rows) for rows in kept.values()} == {str(kept[everybody[0]])}
    known = await accounts(stack, everybody)
    assert set(known) == {*answering, silent[0]}
    words = [*everybody, *known.values()]
    dsn = stack.env["NOTIFICATION_OWNER_DATABASE_URL"]
    places = {one: {table for table, word in await tables_with(dsn, [one])} for one in words}
    assert {frozenset(places[one]) for one in everybody} == {frozenset({"messages", "invitations"})}
    assert {frozenset(places[one]) for one in known.values()} == {frozenset()}
    assert await topics_with(stack.env["KAFKA_BOOTSTRAP_SERVERS"], words) == set()
    assert logs_with(stack, words) == set()
    exposed = " ".join(f"{span.name} {span.attributes}" for span in spans.spans)
    assert not any(word in exposed for word in (*words, "round_reminder"))

    administrator = Administrator(stack)
    administrator.post("assessment", f"/rounds/{round_id}/close", {})

    async def results_are_out() -> bool:
        found = await mails(stack, unit)
        assert {person: kinds[RESULTS] for person, kinds in found.items()} == dict.fromkeys(
            everybody, 1
        )
        return True

    await eventually(results_are_out, within=120)
