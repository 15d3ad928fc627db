"""Every change that somebody makes is noted once, with its effect, and without secrets."""

from typing import Any
from uuid import uuid4

from sqlalchemy import text

from integration.notification.service import Service
from servicekit.settings import Database
from support.audit import Line, Trail, noted_actions

URL = "http://127.0.0.1:9/hooks/T0KEN-IN-PATH?token=T0KEN-IN-QUERY"
WAVE = "external.wave.started.v1"


async def test_every_change_is_noted_once(service: Service, database: Database) -> None:
    trail = Trail(database)

    async def noted(
        method: str, path: str, body: Any = None, as_: str = "administrator"
    ) -> tuple[Any, Line]:
        """The answer and its line; the same request again leaves none."""
        key, answers = str(uuid4()), []
        for _ in range(1 if method == "DELETE" else 2):
            answers.append(await service.ask(method, path, as_, key, json=body))
        assert all(answer.is_success for answer in answers), answers[0].text
        line = await trail.one()
        assert "T0KEN" not in str(line)
        assert "whsec_" not in str(line)
        return answers[0].json() if answers[0].content else None, line

    made, line = await noted("POST", "/subscriptions", {"url": URL, "event_types": [WAVE]})
    path = f"/subscriptions/{made['subscription_id']}"
    subject = f"subscription/{made['subscription_id']}"
    place = {"host": "127.0.0.1", "port": 9}
    assert line.subject == subject
    assert line.after.items() >= {**place, "event_types": [WAVE]}.items()
    _, line = await noted("PATCH", path, {"url": f"{URL}2", "event_types": ["external.*"]})
    changed = {**place, "event_types": ["external.*"], "changed": ["url"]}
    assert line[2:] == (subject, {**place, "event_types": [WAVE]}, changed, "")
    _, line = await noted("POST", f"{path}/rotate-secret")
    assert (line.before, line.after) == ({"generation": 1}, {"generation": 2})
    delivery, line = await noted("POST", f"{path}/test")
    assert line.after["delivery_id"] == delivery["delivery_id"]

    async with service.app.uow() as uow:
        statements = (
            "update subscriptions set disabled_reason = 'gone'",
            "update deliveries set status = 'failed', next_attempt_at = null, reason = 'gone'",
        )
        for statement in statements:
            await uow.connection.execute(text(statement))
    refused = await service.ask("POST", f"{path}/test")
    assert refused.json()["code"] == "subscription-disabled"
    assert await trail.new() == []
    _, line = await noted("POST", f"{path}/enable")
    assert line.before == {"status": "disabled", "disabled_reason": "gone"}
    _, line = await noted("POST", f"/deliveries/{delivery['delivery_id']}/redeliver")
    assert (line.before["status"], line.after["status"]) == ("failed", "pending")
    _, line = await noted("DELETE", path)
    assert line.before.items() >= {**place, "event_types": ["external.*"]}.items()
    async with service.app.uow() as uow:
        held = "insert into quarantine (since, reason) values (now(), 'restored')"
        await uow.connection.execute(text(held))
    _, line = await noted("POST", "/quarantine/lift", {"already_sent_until": None}, "operator")
    assert line.before["reason"] == "restored"
    assert trail.actions == noted_actions(service.app.api())
    read = await service.ask("GET", "/audit", as_="auditor", params={"subject": subject})
    assert read.json()["total"] == 6
