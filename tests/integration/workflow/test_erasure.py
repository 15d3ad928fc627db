"""An erased person is in no reason any more, and the rollout goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

from integration.workflow.programme import PILOTS, Programme
from servicekit.settings import Database
from support.erasing import NAMED, UNNAMED, WORDS, assert_whole, erase
from support.searching import tables_with
from workflow_service.adapters.postgres.free_texts import FREE_TEXTS
from workflow_service.domain.calendar import civil_date


async def test_an_erased_person_is_in_no_reason(programme: Programme, database: Database) -> None:
    dsn, reason = database.dsn.get_secret_value(), {"reason": NAMED}
    change: dict[str, Any] = {"kind": "rename", "unit_id": "pilot-a", "name": "New"}
    day = str(civil_date(datetime.now(UTC) + timedelta(days=30)))
    body = {"change": change, "effective_on": day, **reason}
    planned = await programme.call("administrator", "POST", "/unit-changes", json=body)
    assert planned.is_success, planned.text
    record: dict[str, Any] = {"wave": 0, "kind": "risk_assessment", "recorded_on": "2026-02-01"}
    async with programme.worker():
        await programme.act("record_prerequisite", reference=NAMED, **record, **reason)
        await programme.act("start_pilot")
        await programme.reach(PILOTS, "baseline")
        await programme.act("pause_unit", unit_id=PILOTS[0], **reason)
        held = {table for table, _ in await tables_with(dsn, WORDS)}
        free = {"rollouts", "transitions", "journeys", "unit_changes"}
        assert held >= {*free, "audit_lines", "idempotency_keys"}

        first = await erase("workflow", FREE_TEXTS, programme.app.uow)
        assert await tables_with(dsn, WORDS) == set()
        expected = {"rollouts": 1, "transitions": 2, "journeys": 1, "unit_changes": 1}
        assert {name: first[name] for name in free} == expected
        assert (await programme.journeys())[PILOTS[0]]["paused_reason"] == UNNAMED

        await programme.act("resume_unit", unit_id=PILOTS[0], **reason)
        await programme.go_through(PILOTS)
        await programme.phase("evaluation")
        await programme.act("override_gate", outcome="pass", **reason)
        proposed = await programme.act(
            "propose_decision",
            outcome="broad_introduction",
            reasons=NAMED,
            diary_number="RV 2026-0142",
        )
        decision = {"decision_id": proposed["decision"]["decision_id"]}
        await programme.act("reject_decision", "second-administrator", **decision, **reason)
        second = await erase("workflow", FREE_TEXTS, programme.app.uow)
        assert await tables_with(dsn, WORDS) == set()
        rollout = await programme.rollout()
        assert rollout["decision"]["reasons"] == rollout["decision"]["rejection"] == UNNAMED
        assert rollout["decision"]["diary_number"] == "RV 2026-0142"
        await programme.decide()
    await assert_whole(database, first["audit_lines"] + second["audit_lines"])
