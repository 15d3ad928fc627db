"""Every change that somebody makes is noted once, with its effect, and without its texts."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from content_service.application.commands import HoldMeeting, WithdrawMeeting
from content_service.application.corrections import withdraw_meeting
from content_service.application.handlers import hold_meeting
from content_service.bootstrap import Content
from content_service.domain.calendar import civil_date
from content_service.domain.unit import Unit
from integration.content.client import MODULE, UNIT, Client
from servicekit.auth import Assignment, Principal
from servicekit.settings import Database
from support.audit import Line, Trail, noted_actions

TODAY = str(civil_date(datetime.now(UTC)))
SECRET = "Only the unit reads this."
REASON = "Wrong unit."
EDITORS = {
    *(f"articles.edit/{done}_article" for done in ("create", "revise", "submit", "publish")),
    "articles.edit/send_article_back",
    "articles.edit/withdraw_article",
    "questions.handle/draft_answer",
    "questions.handle/close_question",
}


async def test_every_change_is_noted_once(client: Client, app: Content, database: Database) -> None:
    trail = Trail(database)

    async def noted(who: str, method: str, path: str, body: Any = None) -> tuple[Any, Line]:
        """The answer and its line; the same request again leaves none."""
        key = str(uuid4())
        answers = [await client.call(who, method, path, body, key) for _ in range(2)]
        assert all(answer.is_success for answer in answers), answers[0].text
        line = await trail.one()
        assert SECRET not in str(line)
        return answers[0].json(), line

    module = f"/modules/{MODULE['module_id']}"
    _, line = await noted("administrator", "POST", "/modules", MODULE)
    assert line[1:] == ("modules.edit/create_module", module[1:].replace("s/", "/"), None, None, "")
    draft = {name: value for name, value in MODULE.items() if name != "module_id"}
    draft["summary"] = {"sv": SECRET, "en": SECRET}
    _, line = await noted("administrator", "PUT", f"{module}/draft", draft)
    assert line.after == {"changed": ["summary"]}
    _, line = await noted("administrator", "POST", f"{module}/publish")
    assert (line.before["version"], line.after["version"]) == (0, 1)

    rollout = str(uuid4())
    await client.known(rollout)
    body = {"rollout_id": rollout, "unit_ids": [UNIT], "module_ids": [MODULE["module_id"]]}
    answer, line = await noted("administrator", "POST", "/assignments", body)
    (assignment,) = answer["assignments"]
    assert line.subject == f"assignment/{assignment['assignment_id']}"
    assert (line.after["unit_id"], line.after["module_version"]) == (UNIT, 1)
    item = assignment["items"][0]["item_id"]
    path = f"/assignments/{assignment['assignment_id']}/items/{item}"
    _, line = await noted("manager", "PUT", path, {"status": "waived", "reason": "Done before."})
    assert line[3:] == ({item: "not_started"}, {item: "waived"}, "Done before.")

    about = {"rollout_id": rollout, "unit_id": UNIT}
    meeting = {"variant": "30", "held_on": TODAY, "headcount": 9}
    answer, line = await noted("manager", "POST", "/meetings", {**about, **meeting})
    assert line.after == {**about, **meeting, "on_paper": False}
    said, line = await noted("administrator", "POST", "/meetings/on-paper", {**about, **meeting})
    assert line.action == "practice.record_on_paper/record_on_paper"
    assert line.after == {**about, **meeting, "on_paper": True}
    assert (answer["on_paper"], said["on_paper"]) == (False, True)
    path = f"/meetings/{answer['meeting_id']}"
    right = {**meeting, "headcount": 8, "reason": REASON}
    _, line = await noted("manager", "POST", f"{path}/correct", right)
    assert line[2:] == (path[1:].replace("s/", "/"), {"headcount": 9}, {"headcount": 8}, REASON)
    _, line = await noted("manager", "POST", f"{path}/withdraw", {"reason": REASON})
    assert (line.before, line.reason) == ({"withdrawn_at": None}, REASON)

    action = {"behaviour": "creativity", "text": SECRET, "check_back_on": TODAY}
    answer, line = await noted("manager", "POST", "/actions", {**about, **action})
    assert line.after == {**about, "behaviour": "creativity", "check_back_on": TODAY}
    path = f"/actions/{answer['action_id']}"
    body = {"outcome": "kept", "note": SECRET}
    _, line = await noted("manager", "POST", f"{path}/check-back", body)
    assert line.after == {"outcome": "kept", "changed": ["note"]}
    why = {"reason": REASON}
    _, line = await noted("manager", "POST", f"{path}/check-back/withdraw", why)
    assert line.before == {"outcome": "kept"}
    words = {**action, "text": f"{SECRET} Twice.", **why}
    _, line = await noted("manager", "POST", f"{path}/correct", words)
    assert line[3:] == ({}, {"changed": ["text"]}, REASON)
    await noted("manager", "POST", f"{path}/withdraw", why)
    assert trail.actions == noted_actions(app.api()) - EDITORS


async def test_what_editors_do_is_noted_once(
    client: Client, app: Content, database: Database
) -> None:
    trail = Trail(database)

    async def noted(method: str, path: str, body: Any) -> Line:
        key = str(uuid4())
        answers = [
            await client.call("administrator", method, path, body, key)
            for _ in range(2 if method == "POST" else 1)
        ]
        assert all(answer.is_success for answer in answers), answers[0].text
        line = await trail.one()
        assert SECRET not in str(line)
        return line

    draft = {"title": {"sv": SECRET, "en": SECRET}, "text": {"sv": SECRET, "en": SECRET}}
    line = await noted("POST", "/articles", {**draft, "article_id": "new", "kind": "news"})
    assert line[2:] == ("article/new", None, {"kind": "news"}, "")
    other = {**draft, "title": {"sv": "Nytt", "en": "New"}, "expected_version": 1}
    line = await noted("PUT", "/articles/new/draft", other)
    assert line.after == {"changed": ["title"]}
    await noted("POST", "/articles/new/submit", {"expected_version": 2})
    why = {"reason": REASON}
    line = await noted("POST", "/articles/new/send-back", {"expected_version": 3, **why})
    assert line[3:] == ({"status": "in_review"}, {"status": "draft"}, REASON)
    await noted("POST", "/articles/new/submit", {"expected_version": 4})
    line = await noted("POST", "/articles/new/publish", {"expected_version": 5})
    assert line.after == {"status": "published", "edition": 1}
    line = await noted("POST", "/articles/new/withdraw", {"expected_version": 6, **why})
    assert line[3:] == ({"status": "published"}, {"status": "withdrawn"}, REASON)

    for outcome, body in (("draft", {"article_id": "answer"}), ("close", {"reason": SECRET})):
        said = {"text": SECRET, "language": "en"}
        asked = (await client.call("employee", "POST", "/questions", said)).json()
        assert await trail.new() == [], "it would say for ever who asked"
        await noted("POST", f"/questions/{asked['question_id']}/{outcome}", body)
    assert trail.actions == EDITORS


async def test_what_is_refused_leaves_no_line(client: Client, database: Database) -> None:
    trail, rollout = Trail(database), str(uuid4())
    body = {"rollout_id": rollout, "unit_ids": [UNIT], "module_ids": ["unheard-of"]}
    refused = [
        await client.call("administrator", "POST", "/assignments", body),
        await client.call("administrator", "PUT", "/modules/unheard-of/draft", {}),
        await client.call("employee", "POST", "/modules", MODULE),
        await client.call("manager", "POST", f"/meetings/{uuid4()}/withdraw", {"reason": REASON}),
    ]
    assert [answer.status_code for answer in refused] == [422, 422, 403, 404]
    assert await trail.new() == []
    assert (await client.call("auditor", "GET", "/audit")).json()["total"] == 0


async def test_whoever_stands_in_for_one_units_manager_acts_for_themselves_in_another(
    client: Client, app: Content, database: Database
) -> None:
    """They manage `own`; `lent` and what is below it are another manager's, who is on leave."""
    rollout, trail = str(uuid4()), Trail(database)
    await client.published()
    for unit_id in ("own", "lent", "lent-team"):
        await client.assigned(rollout, unit_id)
    async with app.uow() as uow:
        await uow.units.save(Unit("lent-team", "lent", "Team", 20, 2))
    both = Principal(
        "deputy-1",
        "https://issuer.invalid",
        frozenset(
            {
                Assignment("manager", "own", below=True),
                Assignment("deputy", "lent", below=True, standing_for="boss-1"),
            }
        ),
    )
    places = {}
    for unit_id in ("own", "lent", "lent-team"):
        await trail.new()
        command = HoldMeeting(UUID(rollout), unit_id, None, "30", date.fromisoformat(TODAY), 9)
        async with app.uow().by(both) as uow:
            meeting = await hold_meeting(command, both.scope, uow)
        async with app.uow().by(both) as uow:
            withdrawing = WithdrawMeeting(meeting.meeting_id, REASON)
            await withdraw_meeting(withdrawing, both.scope, uow)
        lines = (await client.call("auditor", "GET", "/audit")).json()["items"]
        places[unit_id] = [line["on_behalf_of"] for line in lines[:2]]
    assert places == {"own": ["", ""], "lent": ["boss-1"] * 2, "lent-team": ["boss-1"] * 2}
