"""The main job from beginning to end, as the programme office does it: read from `Story.run` on.

All of it goes through the public APIs; the people in `people.py` do their part by themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from demo import library, systems
from demo.api import Api, DemoError, RefusedError
from demo.observer import Observer
from demo.organisation import PILOTS, REGION, Person, Unit, as_csv
from demo.people import People
from demo.progress import Progress
from demo.systems import Systems
from devstack import Stack

FIRST, SECOND = "administrator", "second-administrator"
PREREQUISITES = ("risk_assessment", "joint_consultation")
_REASON = (
    "E-tjänster är sex personer: deras resultat är dolt för att skydda dem, och blir det även "
    "efter förlängning. De övriga tre enheterna räcker som underlag."
)
_WHY = (
    "Alla fyra piloter höll sina träffar, valde en handling och följde upp den. Beslutet gäller "
    "arbetssättet; någon effekt är inte visad."
)

_NOT_YET = datetime.max.replace(tzinfo=UTC)


@dataclass
class Course:
    """What happened that the events do not contain: refusals, marks, who was assigned when."""

    refusals: list[dict[str, str]] = field(default_factory=list)
    marks: list[tuple[datetime, str]] = field(default_factory=list)
    roster: list[tuple[datetime, Sequence[Person]]] = field(default_factory=list)
    subscribed_at: datetime = _NOT_YET
    phases: list[tuple[str, float]] = field(default_factory=list)


@dataclass
class Story:
    """One run. `patience`: the seconds in which a wave's step is over on any machine."""

    api: Api
    observer: Observer
    people: People
    progress: Progress
    stack: Stack
    systems: Systems
    units: Sequence[Unit]
    template: dict[str, Any]
    patience: float
    course: Course = field(default_factory=Course)

    async def run(self) -> None:
        """All five parts. Raises DemoError when something does not complete in its time."""
        for title, part in (
            ("1 Import: units, people, instrument, modules, articles, template", self.prepare),
            ("2 Pilot: four units go through their journey", self.pilot),
            ("3 Evaluation: the gate", self.evaluate),
            ("4 Decision: four eyes", self.decide),
            ("5 Wide introduction: waves over all other units", self.introduce),
        ):
            self.progress.phase(title)
            begun = self.progress.seconds
            await part()
            self.course.phases.append((title, round(self.progress.seconds - begun, 1)))

    async def prepare(self) -> None:
        """Import everything and create the rollout."""
        await self._import("workflow", "/units/import", as_csv(self.units))
        rows = self.course.roster[0][1]
        await self._import("people", "/persons/import", as_csv(rows))
        await library.publish(self.api, self.progress)
        self.course.subscribed_at = datetime.now(UTC)
        await systems.subscribe(self.api, self.systems)
        await self.api.post(FIRST, "workflow", "/templates", self.template, kind="template")
        body = {
            "name": "Utvecklande medarbetarskap (exempel)",
            "template_id": self.template["template_id"],
            "pilot_unit_ids": list(PILOTS),
        }
        rollout = await self.api.post(FIRST, "workflow", "/rollouts", body, kind="rollout")
        self.people.rollout_id = self.observer.rollout_id = rollout["rollout_id"]
        self.progress.say(f"rollout {rollout['rollout_id']} created from the template")

    async def _import(self, service: str, path: str, text: str) -> None:
        """Preview, then import."""
        preview = await self.api.post(
            FIRST, service, path, text, kind="import-preview", dry_run="true"
        )
        await self.api.post(FIRST, service, path, text, kind="import")
        self.progress.say(f"{service}{path}: {len(preview['added'])} added, as previewed")

    async def pilot(self) -> None:
        """The four pilot units' journeys, all by mail and HTTP."""
        await self._expect_refusal(FIRST, "start_broad_introduction", {})
        await self._expect_refusal(FIRST, "start_pilot", {})
        await self._record_prerequisites(0)
        await self.act(FIRST, "start_pilot")
        await self.observer.until(
            lambda: self.observer.rollout["gate"] is not None,
            4 * self.patience,
            "the end of the pilot",
        )

    async def evaluate(self) -> None:
        """The gate is inconclusive, and more time cannot change it: a person sets it."""
        gate = self.observer.rollout["gate"]
        hidden = [c["code"] for c in gate["criteria"] if c["hidden"] and not c["dry_run"]]
        self.progress.say(f"the gate says {gate['outcome']}; hidden: {', '.join(hidden) or '-'}")
        await self._expect_refusal(FIRST, "propose_decision", _decision())
        longer = {"duration": "P14D", "reason": "Vi väntar in fler svar."}
        await self._expect_refusal(FIRST, "extend_pilot", longer)
        await self.act(FIRST, "evaluate_gate")
        view = await self.act(FIRST, "override_gate", outcome="pass", reason=_REASON)
        override = view["gate"]["override"]
        self.progress.say(
            f"overridden by {self.api.name_of(override['by'])}; the reason stays beside the gate"
        )

    async def decide(self) -> None:
        """Proposed by one, refused to the same, approved by another."""
        stale = self.observer.rollout["version"] - 1
        await self._expect_refusal(
            SECOND, "propose_decision", {**_decision(), "expected_version": stale}
        )
        view = await self.act(FIRST, "propose_decision", **_decision())
        decision_id = view["decision"]["decision_id"]
        await self._expect_refusal(FIRST, "approve_decision", {"decision_id": decision_id})
        view = await self.act(SECOND, "approve_decision", decision_id=decision_id)
        decision = view["decision"]
        self.progress.say(
            f"{decision['outcome']} approved by {self.api.name_of(decision['approved_by'])}, "
            f"{decision['diary_number']}"
        )

    async def introduce(self) -> None:
        """Plan, record what the law asks, start; disturb on purpose; wait for everybody."""
        view = await self.act(FIRST, "plan_waves")
        waves = [wave for wave in view["waves"] if wave["wave"] > 0]
        self.progress.say(f"{len(waves)} waves planned; the timetable is published")
        await self._expect_refusal(FIRST, "start_broad_introduction", {})
        for wave in waves:
            await self._record_prerequisites(wave["wave"])
        await self.observer.look()
        first_wave = sorted(self.observer.wave(1))
        self.people.away.add(self._manager_of(first_wave[2]))
        await self.act(SECOND, "start_broad_introduction")
        await self._kill()
        await self._pause(first_wave[1])
        await self._change_manager(first_wave[2])
        await self._resume(first_wave[1], first_wave)
        await self.observer.until(
            lambda: self.observer.rollout["status"] == "completed",
            4 * len(waves) * self.patience,
            "the end of all waves",
        )
        self.progress.say("every unit is through; after-care is scheduled")

    async def _record_prerequisites(self, wave: int) -> None:
        for kind in PREREQUISITES:
            await self.act(FIRST, "record_prerequisite", **_prerequisite(wave, kind))

    async def _kill(self) -> None:
        """Kill the process that runs the workflows while rounds are open."""
        before = self.people.counts["answers"]
        await self.observer.until(
            lambda: self.people.counts["answers"] > before,
            self.patience,
            "the first answer of wave 1",
        )
        pid = self.stack.kill("workflow-temporal")
        self._mark("killed")
        self.progress.say(f"kill -9 {pid}: the workflow process is gone")
        await self.stack.wait_ready("workflow-temporal", self.patience)
        self.progress.say("the workflow process is back and goes on where it was")

    async def _pause(self, unit_id: str) -> None:
        await self.observer.until(
            lambda: self.observer.reached(unit_id, "modules"),
            self.patience,
            f"modules at {unit_id}",
        )
        reason = "Enheten flyttar lokaler den här veckan."
        await self.act(SECOND, "pause_unit", unit_id=unit_id, reason=reason)
        self.progress.say(f"{unit_id} is paused")

    async def _resume(self, unit_id: str, others: Sequence[str]) -> None:
        """Not before others of its wave have passed the unit while it was paused."""
        await self.observer.until(
            lambda: (
                self.observer.is_paused(unit_id)
                and any(self.observer.is_past(other, unit_id) for other in others)
            ),
            self.patience,
            f"others of the wave overtaking {unit_id}, which is paused,",
        )
        reason = "Flytten är klar."
        await self.act(SECOND, "resume_unit", unit_id=unit_id, reason=reason)
        self.progress.say(f"{unit_id} goes on")

    async def _change_manager(self, unit_id: str) -> None:
        """A manager moves to the region's office; another continues the journey where it is."""
        await self.observer.until(
            lambda: self.observer.reached(unit_id, "modules"),
            self.patience,
            f"modules at {unit_id}",
        )
        before = self._manager_of(unit_id)
        rows = self.course.roster[-1][1]
        successor = next(row for row in rows if row.role == "manager" and row.person_id != before)
        rows = [
            replace(row, role="employee", unit_id=REGION) if row.person_id == before else row
            for row in rows
        ]
        rows.append(replace(successor, unit_id=unit_id))
        async with self.people.changing_roles:  # A token of before does not cover the unit.
            await self.api.post(
                FIRST, "people", "/persons/import", as_csv(rows), kind="manager", about=unit_id
            )
            self.course.roster.append((datetime.now(UTC), rows))
            self._update_issuer(rows)
            await self.api.sign_in([f"person:{successor.person_id}"])
            self.people.learn(rows)
        self._mark("manager")
        self.progress.say(f"{unit_id} has a new manager, {successor.person_id}")

    def _manager_of(self, unit_id: str) -> str:
        rows = self.course.roster[-1][1]
        return next(r.person_id for r in rows if (r.role, r.unit_id) == ("manager", unit_id))

    def _update_issuer(self, rows: Sequence[Person]) -> None:
        """From now on the local issuer knows who may sign in for which unit."""
        path = self.systems.directory / "persons.csv"
        path.write_text(as_csv(rows), encoding="utf-8")

    async def act(self, who: str, action: str, **parameters: Any) -> dict[str, Any]:
        """An administrator's action; returns the rollout as it is then."""
        path = f"/rollouts/{self.observer.rollout_id}/actions/{action.replace('_', '-')}"
        view: dict[str, Any] = await self.api.post(
            who, "workflow", path, parameters, kind="act", about=action
        )
        return view

    async def _expect_refusal(self, who: str, action: str, parameters: dict[str, Any]) -> None:
        """Try what must not work, and note the answer."""
        try:
            await self.act(who, action, **parameters)
        except RefusedError as refusal:
            if refusal.status != 409:
                raise
            answer = {"code": refusal.code, "detail": refusal.detail}
            self.course.refusals.append({"who": who, "action": action, **answer})
            self.progress.say(f"{action} by {who}: refused, {refusal.code}")
        else:
            raise DemoError(f"{action} by {who} was accepted, but must be refused at this point")

    def _mark(self, kind: str) -> None:
        self.course.marks.append((datetime.now(UTC), kind))


def _decision() -> dict[str, str]:
    return {
        "outcome": "broad_introduction",
        "reasons": _WHY,
        "diary_number": "EXEMPEL 2026-0142",
    }


def _prerequisite(wave: int, kind: str) -> dict[str, Any]:
    return {
        "wave": wave,
        "kind": kind,
        "reference": f"EXEMPEL 2026-{200 + wave}-{kind}",
        "recorded_on": datetime.now(UTC).date().isoformat(),
    }
