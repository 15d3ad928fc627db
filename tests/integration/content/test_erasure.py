"""An erased person is in no free text any more; what was published stays as it was."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from content_service.adapters.free_texts import FREE_TEXTS
from content_service.bootstrap import Content
from content_service.domain.calendar import civil_date
from integration.content.client import MODULE, UNIT, Client
from servicekit.audit_trail import Account
from servicekit.erasing import FoundWords
from servicekit.naming import Words
from servicekit.settings import Database
from support.erasing import NAMED, UNNAMED, WORDS, People, assert_whole, erase
from support.searching import tables_with

TODAY = str(civil_date(datetime.now(UTC)))
BOTH = {"sv": NAMED, "en": NAMED}
PUBLISHED = {"module_versions", "article_editions", "public_texts"}


async def name_her_everywhere(client: Client) -> tuple[str, str, str]:
    """In every free text, and in what is published.

    The rollout, and the path and the key of a check-back.
    """

    async def done(who: str, method: str, path: str, body: Any = None, key: str = "") -> Any:
        answer = await client.call(who, method, path, body, key or str(uuid4()))
        assert answer.is_success, answer.text
        return answer.json()

    await client.published({**MODULE, "summary": BOTH})
    rollout_id, key = str(uuid4()), str(uuid4())
    assignment = await client.assigned(rollout_id)
    item = f"/assignments/{assignment['assignment_id']}/items/{assignment['items'][0]['item_id']}"
    await done("manager", "PUT", item, {"status": "waived", "reason": NAMED})
    about = {"rollout_id": rollout_id, "unit_id": UNIT}
    action = {"behaviour": "creativity", "text": NAMED, "check_back_on": TODAY}
    chosen = await done("manager", "POST", "/actions", {**about, **action})
    path = f"/actions/{chosen['action_id']}"
    await done("manager", "POST", f"{path}/check-back", {"outcome": "kept", "note": NAMED}, key)
    await done(
        "manager", "POST", f"{path}/correct", {**action, "text": f"Not: {NAMED}", "reason": NAMED}
    )
    other = {**about, "behaviour": "creativity", "text": "Another", "check_back_on": TODAY}
    await done("manager", "POST", "/actions", other)
    article = {"article_id": "new", "kind": "news", "title": BOTH, "text": BOTH}
    await done("administrator", "POST", "/articles", article)
    await done("administrator", "POST", "/articles/new/submit", {"expected_version": 1})
    await done("administrator", "POST", "/articles/new/publish", {"expected_version": 2})
    asked = await done("employee", "POST", "/questions", {"text": NAMED, "language": "sv"})
    close = f"/questions/{asked['question_id']}/close"
    await done("administrator", "POST", close, {"reason": NAMED})
    return rollout_id, f"{path}/check-back", key


async def test_an_erased_person_is_in_no_free_text(
    client: Client, app: Content, database: Database
) -> None:
    dsn = database.dsn.get_secret_value()
    rollout_id, path, key = await name_her_everywhere(client)
    free = {"assignments", "actions", "evidence_changes", "modules", "articles", "questions"}
    held = {table for table, _ in await tables_with(dsn, WORDS)}
    assert held == free | PUBLISHED | {"idempotency_keys", "audit_lines"}
    edition = (await client.call("employee", "GET", "/public/articles/new")).content

    rows = await erase("content", FREE_TEXTS, app.uow)
    assert {table for table, _ in await tables_with(dsn, WORDS)} == PUBLISHED
    assert {name: rows[name] for name in free} == dict.fromkeys(free, 1)
    assert (await client.call("employee", "GET", "/public/articles/new")).content == edition
    query = f"/units/{UNIT}/progress?rollout_id={rollout_id}"
    actions = (await client.call("manager", "GET", query)).json()["actions"]
    assert {one["text"] for one in actions} == {f"Not: {UNNAMED}", "Another"}
    (own,) = (await client.call("employee", "GET", "/questions/own")).json()["items"]
    assert (own["text"], own["reason"]) == (UNNAMED, UNNAMED)
    again = await client.call("manager", "POST", path, {"outcome": "kept", "note": NAMED}, key)
    assert (again.status_code, again.json()["code"]) == (410, "answer-erased")
    await assert_whole(database, rows["audit_lines"])
    assert rows["audit_lines"] == 2, "a waived item's and a correction's reason"


async def chosen(client: Client, text: str) -> UUID:
    """An action with this text, once the module is published."""
    rollout_id = str(uuid4())
    await client.assigned(rollout_id)
    about = {"rollout_id": rollout_id, "unit_id": UNIT}
    action = {"behaviour": "creativity", "text": text, "check_back_on": TODAY}
    made = (await client.call("manager", "POST", "/actions", {**about, **action})).json()
    return UUID(made["action_id"])


async def test_whoever_has_read_the_name_is_waited_for(
    client: Client, app: Content, database: Database
) -> None:
    """Otherwise they would write it back."""
    await client.published()
    action_id = await chosen(client, NAMED)
    async with app.uow() as tx:
        stored = await tx.practice.lock_action(action_id)
        assert stored
        erasing = asyncio.create_task(erase("content", FREE_TEXTS, app.uow))
        await asyncio.sleep(0.5)
        assert not erasing.done()
        await tx.practice.save_action(replace(stored, note=NAMED))
    assert (await erasing)["actions"] == 1
    assert await tables_with(database.dsn.get_secret_value(), WORDS) == set()


async def test_nobody_else_is_waited_for(client: Client, app: Content) -> None:
    """Others change rows of the same table meanwhile."""
    await client.published()
    other, named = [await chosen(client, text) for text in ("Another", NAMED)]
    async with app.uow() as tx:
        assert await tx.practice.lock_action(other)
        rows = await asyncio.wait_for(erase("content", FREE_TEXTS, app.uow), timeout=10)
        assert rows["actions"] == 1
    async with app.uow() as tx:
        stored = await tx.practice.lock_action(named)
        assert stored is not None
        assert stored.text == UNNAMED


async def test_rows_are_found_in_every_part(
    client: Client, app: Content, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of tables whose key has one column or two, and of the audit trail."""
    for _ in range(5):
        asked = await client.call(
            "employee", "POST", "/questions", {"text": NAMED, "language": "sv"}
        )
        close = f"/questions/{asked.json()['question_id']}/close"
        await client.call("administrator", "POST", close, {"reason": NAMED})
    monkeypatch.setattr("servicekit.free_texts._IN_A_PART", 2)
    rows = await erase("content", FREE_TEXTS, app.uow)
    assert (rows["questions"], rows["audit_lines"]) == (5, 0)
    assert rows["idempotency_keys"] >= 5
    assert await tables_with(database.dsn.get_secret_value(), WORDS) == set()


async def test_a_line_about_something_else_stays(
    client: Client, app: Content, database: Database
) -> None:
    """Only the reason of a line is compared: an id elsewhere in it is of something else."""
    await client.published()
    people = People()
    people.words = [str(await chosen(client, "Another")), UNIT]
    rows = await erase("content", FREE_TEXTS, app.uow, people)
    assert rows["audit_lines"] == 0
    await assert_whole(database, 0)


async def test_a_line_that_was_added_during_the_search_is_found(
    app: Content, database: Database
) -> None:
    async with app.uow() as tx:
        found = await FoundWords.find(tx.connection, FREE_TEXTS, Words(WORDS))
        async with app.uow().by(Account("somebody")) as other:
            other.audit("questions.handle/close_question", "question/1", reason=NAMED)
        rows = await found.remove(tx.connection, "content", uuid4())
    assert rows["audit_lines"] == 1
    await assert_whole(database, 1)


async def test_a_second_erasure_finds_nothing(
    client: Client, app: Content, database: Database
) -> None:
    await name_her_everywhere(client)
    first = await erase("content", FREE_TEXTS, app.uow)
    second = await erase("content", FREE_TEXTS, app.uow)
    assert set(second.values()) == {0}
    await assert_whole(database, first["audit_lines"])


async def test_whoever_has_no_telling_word_is_confirmed(app: Content) -> None:
    """As somebody whose name and id are one ordinary word each."""
    people = People()
    people.words = []
    assert await erase("content", FREE_TEXTS, app.uow, people) == {}
