"""What operators are shown of rounds that do not close."""

from datetime import UTC, datetime, timedelta

from integration.assessment.service import Service


async def test_rounds_that_do_not_close_are_counted(service: Service) -> None:
    async def waiting() -> dict[str, tuple[int, datetime | None]]:
        answer = await service.ask("GET", "/operation")
        assert answer.status_code == 200, answer.text
        return {
            one["kind"]: (
                one["count"],
                one["oldest_at"] and datetime.fromisoformat(one["oldest_at"]),
            )
            for one in answer.json()["backlogs"]
        }

    rounds = await service.open(service.opening(["ward", "clinic"]))
    found = await waiting()
    assert found["outbox"][0] > 0
    assert (found["rounds_held"], found["rounds_overdue"]) == ((0, None), (0, None))

    past, held = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) - timedelta(hours=2)
    await service.rows(
        f"update rounds set opens_at = now() - interval '1 day', closes_at = '{past}'"
    )
    await service.rows(
        f"update rounds set held_since = '{held}' where round_id = '{rounds['ward']}'"
    )
    found = await waiting()
    assert (found["rounds_held"], found["rounds_overdue"]) == ((1, held), (1, past))
