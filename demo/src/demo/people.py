"""The simulated employees and managers: they wait for their mail, then act over HTTP as themselves.

An employee answers the round that the mail links to. A manager who is written to about a unit does
what is left to do there. Nobody knows more than their mail and what the platform shows them - but
time is compressed: a round is closed as soon as everyone has read their mail and answered or not,
so that the results do not depend on how fast the machine is.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from demo.answers import answers, takes_part
from demo.api import Api, RefusedError
from demo.organisation import Person

_ROUND_LINK = re.compile(r"/rounds/([0-9a-f-]{36})")
_UNIT_LINK = re.compile(r"/units/([a-z0-9][a-z0-9-]*)")
_MAILS_PER_PAGE = 40
_POLL_SECONDS = 0.3
_AT_ONCE = 12
CLOSER = "administrator"
_SWEDEN = ZoneInfo("Europe/Stockholm")
_VARIANTS = ("10", "30", "60", "shift_handover")
_BEHAVIOURS = ("constructive_confrontation", "creativity", "supports_manager")
_ACTION = {
    "constructive_confrontation": "Vi säger det till den det gäller, samma vecka.",
    "creativity": "Ett litet försök i taget, i två veckor.",
    "supports_manager": "Ett löfte åt varje håll, på tavlan.",
}


def _today() -> str:
    return datetime.now(_SWEDEN).date().isoformat()


class People:
    """Everyone in persons.csv. `rollout_id` is set once the rollout exists."""

    def __init__(self, api: Api, roster: Iterable[Person], seed: int) -> None:
        self.api, self.seed = api, seed
        self.rollout_id = ""
        self.away: set[str] = set()
        self.counts: Counter[str] = Counter(mails=0, answers=0, declined=0, late=0)
        self._persons: dict[str, str] = {}
        self._managed: set[str] = set()
        self._employed: Counter[str] = Counter()
        self._invited: Counter[str] = Counter()
        self._works_in: defaultdict[str, set[str]] = defaultdict(set)
        self._finished: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self._open: dict[tuple[str, str], str] = {}
        self._rounds: dict[str, asyncio.Task[dict[str, Any]]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._busy: dict[str, asyncio.Lock] = {}
        self.changing_roles = asyncio.Lock()
        self.learn(roster)

    def learn(self, roster: Iterable[Person]) -> None:
        """Take over the assignments as they are now."""
        rows = list(roster)
        self._persons = {row.email: row.person_id for row in rows}
        self._managed = {row.person_id for row in rows if row.role == "manager"}
        self._works_in = defaultdict(set)
        for row in rows:
            if row.role == "employee":
                self._works_in[row.person_id].add(row.unit_id)
        self._employed = Counter(row.unit_id for row in rows if row.role == "employee")
        self._invited = Counter(unit for unit, _ in {(row.unit_id, row.person_id) for row in rows})

    async def run(self) -> None:
        """Read mail and act until cancelled. Raises what an action raised."""
        seen = 0
        async with asyncio.TaskGroup() as acting:
            while True:
                page, offset = divmod(seen, _MAILS_PER_PAGE)
                mails = (await self.api.mails(_MAILS_PER_PAGE, page + 1))[offset:]
                for mail in mails:
                    acting.create_task(self._read(mail))
                seen += len(mails)
                self.counts["mails"] = seen
                if len(mails) < _MAILS_PER_PAGE - offset:
                    await asyncio.sleep(_POLL_SECONDS)

    async def _read(self, mail: Mapping[str, Any]) -> None:
        person = self._persons.get(mail["recipients"][0])
        if person is None:
            return
        if link := _ROUND_LINK.search(mail["text"]):
            await self._take_part(person, link.group(1))
        elif person in self.away:
            return
        elif (link := _UNIT_LINK.search(mail["text"])) and person in self._managed:
            async with self.changing_roles:
                pass  # Only wait: whoever leads a unit from now on signs in first.
            await self._lead(person, link.group(1))

    async def _take_part(self, person: str, round_id: str) -> None:
        """Close the round when everyone who was written to has done, or not done, their part."""
        who = CLOSER if person in self.away else f"person:{person}"
        opened = await self._round(who, round_id)
        if person not in self._managed:
            await self._answer(person, round_id, opened)
        elif person not in self.away:
            await self._look_back(person, opened)
        release_id, here = opened["release_id"], opened["unit_id"]
        self._open.setdefault((release_id, here), round_id)
        # Who works in two units of a release is written to once, for either.
        for unit_id in self._works_in[person] | {here}:
            about = (release_id, unit_id)
            self._finished[about].add(person)
            if len(self._finished[about]) == self._invited[unit_id] and about in self._open:
                whole = self._open[about]
                path = f"/rounds/{whole}/close"
                await self.api.post(CLOSER, "assessment", path, kind="close", about=whole)

    async def _answer(self, person: str, round_id: str, opened: dict[str, Any]) -> None:
        async with self._slots:
            key = f"{opened['unit_id']}|{opened['occasion']}"
            if takes_part(self.seed, person, key):
                items = opened["instrument"]["items"]
                sheet = answers(self.seed, person, key, opened["occasion"], items)
                await self._send(person, round_id, sheet)
            else:
                self.counts["declined"] += 1

    async def _send(self, person: str, round_id: str, sheet: dict[str, int | None]) -> None:
        path, about = f"/rounds/{round_id}/answer", f"{round_id}|{person}"
        body = {"answers": sheet}
        try:
            await self.api.put(
                f"person:{person}", "assessment", path, body, kind="answer", about=about
            )
        except RefusedError as refusal:
            if refusal.code != "round-closed":
                raise
            self.counts["late"] += 1
        else:
            self.counts["answers"] += 1

    async def _round(self, who: str, round_id: str) -> dict[str, Any]:
        """The round as its page shows it; fetched once, it is the same for everybody."""
        if round_id not in self._rounds:
            asking = self.api.get(who, "assessment", f"/rounds/{round_id}")
            self._rounds[round_id] = asyncio.ensure_future(asking)
        return await self._rounds[round_id]

    async def _lead(self, manager: str, unit_id: str) -> None:
        """Do with the unit what is not done yet: modules, a meeting each, one action."""
        async with self._busy.setdefault(unit_id, asyncio.Lock()):
            progress = await self._progress(manager, unit_id)
            held = {meeting["assignment_id"] for meeting in progress["meetings"]}
            for assignment in progress["assignments"]:
                if assignment["assignment_id"] not in held:
                    await self._hold_meeting(manager, unit_id, assignment["assignment_id"])
            if progress["assignments"] and not progress["actions"]:
                await self._choose_action(manager, unit_id)
            for assignment in progress["assignments"]:
                for item in assignment["items"]:
                    if item["status"] not in ("done", "waived"):
                        await self._finish_item(manager, assignment["assignment_id"], item)

    async def _progress(self, manager: str, unit_id: str) -> dict[str, Any]:
        path = f"/units/{unit_id}/progress"
        progress: dict[str, Any] = await self.api.get(
            f"person:{manager}", "content", path, rollout_id=self.rollout_id
        )
        return progress

    async def _finish_item(self, manager: str, assignment_id: str, item: Mapping[str, Any]) -> None:
        path = f"/assignments/{assignment_id}/items/{item['item_id']}"
        body = {"status": "done"}
        await self.api.put(f"person:{manager}", "content", path, body, kind="item", about=path)

    async def _hold_meeting(self, manager: str, unit_id: str, assignment_id: str) -> None:
        random = self._random(unit_id, assignment_id)
        body = {
            "rollout_id": self.rollout_id,
            "unit_id": unit_id,
            "assignment_id": assignment_id,
            "variant": random.choice(_VARIANTS),
            "held_on": _today(),
            "headcount": min(random.randint(4, 12), self._employed[unit_id]),
        }
        await self._post(manager, "/meetings", body, "meeting", f"{unit_id}|{assignment_id}")
        self.counts["meetings"] += 1

    async def _choose_action(self, manager: str, unit_id: str) -> None:
        behaviour = self._random(unit_id, "action").choice(_BEHAVIOURS)
        body = {
            "rollout_id": self.rollout_id,
            "unit_id": unit_id,
            "behaviour": behaviour,
            "text": _ACTION[behaviour],
            "check_back_on": _today(),
        }
        await self._post(manager, "/actions", body, "action", unit_id)
        self.counts["actions"] += 1

    async def _look_back(self, manager: str, opened: dict[str, Any]) -> None:
        """The follow-up round reminds the manager to look back at the unit's action."""
        if opened["occasion"] == "baseline":
            return
        unit_id = opened["unit_id"]
        async with self._busy.setdefault(unit_id, asyncio.Lock()):
            progress = await self._progress(manager, unit_id)
            for action in progress["actions"]:
                if action["outcome"] is None:
                    outcome = self._random(unit_id, "outcome").choice(("kept", "kept", "adjusted"))
                    path = f"/actions/{action['action_id']}/check-back"
                    body = {"outcome": outcome}
                    await self._post(manager, path, body, "check_back", action["action_id"])

    async def _post(
        self, manager: str, path: str, body: dict[str, Any], kind: str, about: str
    ) -> None:
        await self.api.post(f"person:{manager}", "content", path, body, kind=kind, about=about)

    def _random(self, *parts: str) -> Random:
        return Random("|".join((str(self.seed), *parts)))  # noqa: S311
