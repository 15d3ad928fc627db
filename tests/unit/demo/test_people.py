"""The simulated people: what they do on which mail, and that the seed fixes what they answer."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any, cast

import pytest

from demo.answers import answers, takes_part
from demo.api import Api, RefusedError
from demo.ledger import OK, UNKNOWN, Ledger, read
from demo.organisation import DATA, Person
from demo.people import People

ITEMS = json.loads((DATA / "instrument.json").read_text(encoding="utf-8"))["items"]
ROUND = "11111111-1111-4111-8111-111111111111"
ROSTER = [
    Person("boss", "Exempelperson 1", "boss@example.se", "sv", "manager", "rehab"),
    Person("worker", "Exempelperson 2", "worker@example.se", "sv", "employee", "rehab"),
]


class FakeApi:
    """Answers as the platform would, and remembers what was asked."""

    def __init__(self, mails: list[tuple[str, str]], occasion: str = "baseline") -> None:
        self._mails = [{"recipients": [to], "text": text} for to, text in mails]
        self.occasion = occasion
        self.asked: list[tuple[str, str]] = []
        self.round_closed = False
        self.progress: dict[str, list[dict[str, Any]]] = {
            "assignments": [
                {
                    "assignment_id": "as-1",
                    "items": [
                        {"item_id": "film", "status": "done"},
                        {"item_id": "kit", "status": "not_started"},
                    ],
                }
            ],
            "meetings": [],
            "actions": [],
        }

    async def mails(self, limit: int, page: int) -> list[dict[str, Any]]:
        return self._mails[(page - 1) * limit : page * limit]

    async def get(self, who: str, service: str, path: str, **query: Any) -> Any:
        if path.endswith("/progress"):
            return self.progress
        return {
            "unit_id": "rehab" if ROUND in path else "heart",
            "release_id": "r",
            "occasion": self.occasion,
            "instrument": {"items": ITEMS},
        }

    async def put(
        self, who: str, service: str, path: str, body: Any, *, kind: str, about: str
    ) -> Any:
        if self.round_closed:
            raise RefusedError(409, {"code": "round-closed"}, path)
        self.asked.append((who, path))

    async def post(
        self, who: str, service: str, path: str, body: Any = None, *, kind: str, about: str
    ) -> Any:
        self.asked.append((who, path))
        if kind == "meeting":
            self.progress["meetings"].append({"assignment_id": body["assignment_id"]})
        if kind == "action":
            self.progress["actions"].append({"action_id": "ac-1", "outcome": None})
        if kind == "check_back":
            self.progress["actions"][0]["outcome"] = body["outcome"]


async def act(api: FakeApi, away: str = "", roster: Sequence[Person] = ROSTER) -> People:
    people = People(cast(Api, api), roster, seed=seed_with_answer())
    people.rollout_id = "r"
    people.away.add(away)
    task = asyncio.create_task(people.run())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    return people


def seed_with_answer() -> int:
    return next(seed for seed in range(99) if takes_part(seed, "worker", "rehab|baseline"))


async def test_an_employee_answers_the_round_of_the_mail() -> None:
    api = FakeApi([("worker@example.se", f"Svara: http://portal/rounds/{ROUND}\n")])
    people = await act(api)
    assert api.asked[0] == ("person:worker", f"/rounds/{ROUND}/answer")
    assert people.counts["answers"] == 1


async def test_a_round_is_closed_when_everyone_of_the_unit_is_finished() -> None:
    link, closed = f"http://portal/rounds/{ROUND}", ("administrator", f"/rounds/{ROUND}/close")
    mails = [("worker@example.se", link), ("boss@example.se", link)]
    for away in ("", "boss"):
        api = FakeApi(mails)
        await act(api, away)
        assert api.asked[-1] == closed
    second = replace(ROSTER[1], person_id="second", email="second@example.se")
    for some, roster in ((mails[:1], ROSTER), (mails[1:], ROSTER), (mails, [*ROSTER, second])):
        api = FakeApi(some)
        await act(api, roster=roster)
        assert closed not in api.asked


async def test_who_works_in_two_units_of_a_release_is_finished_in_both() -> None:
    elsewhere = "22222222-2222-4222-8222-222222222222"
    both = [*ROSTER, replace(ROSTER[1], unit_id="heart")]
    nurse = replace(ROSTER[1], person_id="nurse", email="nurse@example.se", unit_id="heart")
    mails = [
        ("boss@example.se", f"http://portal/rounds/{ROUND}"),
        ("worker@example.se", f"http://portal/rounds/{elsewhere}"),
        ("nurse@example.se", f"http://portal/rounds/{elsewhere}"),
    ]
    api = FakeApi(mails)
    await act(api, roster=[*both, nurse])
    closed = [path for who, path in api.asked if who == "administrator"]
    assert sorted(closed) == [f"/rounds/{ROUND}/close", f"/rounds/{elsewhere}/close"]


async def test_an_answer_that_comes_too_late_is_counted_as_late() -> None:
    api = FakeApi([("worker@example.se", f"http://portal/rounds/{ROUND}")])
    api.round_closed = True
    people = await act(api)
    assert (people.counts["answers"], people.counts["late"]) == (0, 1)


async def test_a_manager_does_each_open_task_once_however_many_mails_come() -> None:
    link = "http://portal/units/rehab"
    api = FakeApi([("boss@example.se", link), ("boss@example.se", link)])
    await act(api)
    assert api.asked[:3] == [
        ("person:boss", "/meetings"),
        ("person:boss", "/actions"),
        ("person:boss", "/assignments/as-1/items/kit"),
    ]
    assert [path for _, path in api.asked].count("/meetings") == 1
    assert [path for _, path in api.asked].count("/actions") == 1


async def test_a_manager_looks_back_when_the_follow_up_opens() -> None:
    api = FakeApi([("boss@example.se", f"http://portal/rounds/{ROUND}")], "follow_up")
    api.progress["actions"].append({"action_id": "ac-1", "outcome": None})
    await act(api)
    assert api.asked == [("person:boss", "/actions/ac-1/check-back")]


async def test_a_manager_who_has_left_does_nothing() -> None:
    api = FakeApi([("boss@example.se", "http://portal/units/rehab")])
    await act(api, away="boss")
    assert api.asked == []


def test_answers_are_fixed_by_the_seed_and_on_the_scale() -> None:
    given = answers(7, "worker", "rehab|baseline", "baseline", ITEMS)
    assert given == answers(7, "worker", "rehab|baseline", "baseline", ITEMS)
    assert given != answers(8, "worker", "rehab|baseline", "baseline", ITEMS)
    assert set(given) == {item["item_id"] for item in ITEMS}
    assert set(given.values()) <= {1, 2, 3, 4, 5, None}


def test_the_group_moves_between_baseline_and_follow_up() -> None:
    def level(occasion: str) -> float:
        sheets = [answers(7, f"p{n}", f"u|{occasion}", occasion, ITEMS) for n in range(60)]
        return mean(value for sheet in sheets for value in sheet.values() if value is not None)

    assert 0.1 < level("follow_up") - level("baseline") < 0.7


def test_about_nine_in_ten_take_part() -> None:
    share = mean(takes_part(7, f"p{n}", "u|baseline") for n in range(500))
    assert 0.85 < share < 0.95


def test_the_ledger_knows_what_was_asked_and_never_answered(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    first, _ = ledger.ask("meeting", "rehab"), ledger.ask("meeting", "rehab")
    ledger.answered(first, OK, 201, {"meeting_id": "m"})
    attempts = read(ledger.path)
    assert [(a.outcome, a.answer) for a in attempts] == [(OK, {"meeting_id": "m"}), (UNKNOWN, {})]
    ledger.close()
