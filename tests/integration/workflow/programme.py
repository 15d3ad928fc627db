"""The workflow service as its users and its peers see it: HTTP in front, evidence from behind.

The peers are hand-written: they remember what they were asked, can be away, and can refuse.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text
from temporalio.client import WorkflowHandle

from devstack import Stack
from servicekit.settings import Auth, Client, Database, Http, Kafka, Peer
from servicekit.telemetry import current_traceparent
from support.apps import running, unique
from support.eventually import eventually
from workflow_service.application.journey.handlers import store_evidence
from workflow_service.application.organisation.commands import NoteManager
from workflow_service.application.organisation.handlers import note_manager
from workflow_service.application.ports import NewEvidence, PeerRefused, PeerUnavailable
from workflow_service.bootstrap import Workflow, build
from workflow_service.domain.journey.evidence import (
    ActionCheckedBack,
    ActionChosen,
    EvidenceDetail,
    MeetingHeld,
    ModuleCompleted,
    RoundReleased,
)
from workflow_service.domain.journey.turn import AssignModules, OpenRounds, PeerRequest
from workflow_service.settings import Pace, Settings, Temporal
from workflow_service.temporal.engine import connect
from workflow_service.temporal.worker import TemporalWorker

# For tests only, and known: recorded histories are replayed with it.
PAYLOAD_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
Handle = WorkflowHandle[Any, Any]
RoundKind = Literal["baseline_released", "follow_up_released"]
PILOTS = ("pilot-a", "pilot-b")
OTHERS = ("unit-a", "unit-b", "unit-c")
UNITS = "unit_id,name,kind,parent_id,headcount\nregion,Region,region,,\n" + "".join(
    f"{unit},Sample {unit},unit,region,{people}\n"
    for unit, people in zip((*PILOTS, *OTHERS), (20, 5, 30, 12, 8), strict=True)
)
TEMPLATE: dict[str, Any] = {
    "template_id": "um",
    "version": 1,
    "name": {"sv": "Införande", "en": "Introduction"},
    "steps": {
        "preparation": {"min_duration": "PT0S"},
        "baseline": {"window": "PT1H", "instrument": {"id": "seven", "version": 1}},
        "modules": {"module_ids": ["intro"], "min_duration": "PT0S"},
        "follow_up": {"window": "PT1H", "instrument": {"id": "seven", "version": 1}},
        "after_care": {"checkpoints": ["P6M", "P12M"]},
    },
    "pilot_gate": {
        "name": "pilot",
        "criteria": [
            {
                "code": "participation",
                "measure": "participation",
                "pass_at_least": 60,
                "fail_below": 40,
                "dry_run": False,
            },
            {
                "code": "modules",
                "measure": "modules_completed",
                "pass_at_least": 50,
                "fail_below": 0,
                "dry_run": False,
            },
        ],
    },
    "waves": {"size": 2, "verified_after": "baseline", "order": "unit_id", "gap": "PT0S"},
    "minutes_asked": {"manager": {}, "employee": {}},
}


@dataclass
class FakePeers:
    """Assessment and content, as far as this service asks them."""

    rounds: list[OpenRounds] = field(default_factory=list)
    assignments: list[AssignModules] = field(default_factory=list)
    traces: dict[str, str | None] = field(default_factory=dict)
    away: bool = False
    refusing: str | None = None
    refused_units: set[str] = field(default_factory=set)
    refusals: int = 0

    async def open_rounds(self, request: OpenRounds, cause: str | None) -> None:
        self._answer(request)
        self.rounds.append(request)
        self.traces[request.occasion] = cause or current_traceparent()

    async def assign_modules(self, request: AssignModules, cause: str | None) -> None:
        self._answer(request)
        self.assignments.append(request)
        self.traces["modules"] = cause or current_traceparent()

    def _answer(self, request: PeerRequest) -> None:
        if self.away:
            raise PeerUnavailable("away")
        if self.refusing:
            self.refusals += 1
            raise PeerRefused(self.refusing, "No.")
        if refused := self.refused_units.intersection(request.unit_ids):
            raise PeerRefused("unit-unknown", f"{min(refused)} is not known here.")


def settings(servers: Stack, database: Database, **more: Any) -> Settings:
    chosen: dict[str, Any] = {
        "environment": "test",
        "db": database,
        "kafka": Kafka(bootstrap_servers="127.0.0.1:9"),
        "http": Http(port=1),
        "auth": Auth(issuer=servers.env["ISSUER_URL"]),
        "temporal": Temporal(
            address=servers.env["TEMPORAL_ADDRESS"],
            task_queue=unique("workflow-"),
            payload_keys=(PAYLOAD_KEY,),
        ),
        "assessment": Peer(url="http://127.0.0.1:9"),
        "content": Peer(url="http://127.0.0.1:9"),
        "people": Peer(url="http://127.0.0.1:9"),
        "client": Client(client_id="workflow-service", client_secret="x"),
        "pace": Pace(hint_seconds=0.1, sweep_seconds=60, repair_seconds=60),
    }
    return Settings(**{**chosen, **more})


class Programme:
    """One service under test. `worker()` runs its Temporal role; without it nobody decides."""

    def __init__(self, chosen: Settings, tokens: dict[str, str]) -> None:
        self.peers = FakePeers()
        self.settings, self.tokens = chosen, tokens
        self.app: Workflow = build(chosen, self.peers)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app.api(), raise_app_exceptions=False),
            base_url="http://workflow/v1",
            timeout=30,
        )
        self.rollout_id: UUID

    def another(self, **temporal: Any) -> "Programme":
        """A second process of the service, with other settings of Temporal."""
        changed = self.settings.temporal.model_copy(update=temporal)
        other = Programme(self.settings.model_copy(update={"temporal": changed}), self.tokens)
        other.rollout_id = self.rollout_id
        return other

    async def close(self) -> None:
        await self.http.aclose()
        await self.app.close()

    @asynccontextmanager
    async def worker(self) -> AsyncIterator["asyncio.Task[None]"]:
        (temporal,) = (
            one for one in self.app.components(["temporal"]) if isinstance(one, TemporalWorker)
        )
        async with running(temporal, within=15) as task:
            yield task

    async def handles(self, *waves: int) -> list[Handle]:
        """The rollout's workflow, then those of these waves."""
        address = self.settings.temporal.address
        client = await connect(address, "default", PAYLOAD_KEY, lazy=False)
        waves_ids = (f"wave:{self.rollout_id}:{wave}" for wave in waves)
        ids = (f"rollout:{self.rollout_id}", *waves_ids)
        return [client.get_workflow_handle(each) for each in ids]

    async def call(
        self, who: str, method: str, path: str, key: str | None = None, **request: Any
    ) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.tokens[who]}", **request.pop("headers", {})}
        if method == "POST":
            headers["idempotency-key"] = key or str(uuid4())
        return await self.http.request(method, path, headers=headers, **request)

    async def prepare(self) -> None:
        """Units, the template, and a rollout."""
        csv = {"content": UNITS.encode(), "headers": {"content-type": "text/csv"}}
        for path, request in (("/units/import", csv), ("/templates", {"json": TEMPLATE})):
            answer = await self.call("administrator", "POST", path, **request)
            assert answer.is_success, answer.text
        async with self.app.uow() as uow:
            for unit in (*PILOTS, *OTHERS):
                await note_manager(NoteManager(unit, True, datetime.now(UTC), 1), uow)
        answer = await self.create()
        assert answer.status_code == 201, answer.text
        self.rollout_id = UUID(answer.json()["rollout_id"])
        await self.let_the_pilot_start()

    async def let_the_pilot_start(self) -> None:
        """Its legal prerequisites are on record from the beginning, as no transition of its own."""
        recorded = [
            {"kind": kind, "reference": "RV 2026-0001", "recorded_on": "2026-01-02", "by": "a"}
            for kind in ("risk_assessment", "joint_consultation")
        ]
        async with self.app.uow() as uow:
            await uow.connection.execute(
                text(
                    "update rollouts set state ="
                    " jsonb_set(state, '{waves,0,prerequisites}', cast(:recorded as jsonb))"
                    " where rollout_id = :rollout_id"
                ),
                {"recorded": json.dumps(recorded), "rollout_id": self.rollout_id},
            )

    async def create(self, key: str | None = None, **changes: Any) -> httpx.Response:
        body = {"name": "Sample", "template_id": "um", "pilot_unit_ids": list(PILOTS), **changes}
        return await self.call("administrator", "POST", "/rollouts", key, json=body)

    async def ask(
        self, action: str, who: str = "administrator", key: str | None = None, **body: Any
    ) -> httpx.Response:
        path = f"/rollouts/{self.rollout_id}/actions/{action.replace('_', '-')}"
        return await self.call(who, "POST", path, key, json=body)

    async def act(self, action: str, who: str = "administrator", **body: Any) -> dict[str, Any]:
        answer = await self.ask(action, who, **body)
        assert answer.status_code == 200, answer.text
        rollout: dict[str, Any] = answer.json()
        return rollout

    async def rollout(self, who: str = "administrator") -> dict[str, Any]:
        answer = await self.call(who, "GET", f"/rollouts/{self.rollout_id}")
        assert answer.status_code == 200, answer.text
        rollout: dict[str, Any] = answer.json()
        return rollout

    async def journeys(self, who: str = "administrator", query: str = "") -> dict[str, Any]:
        path = f"/rollouts/{self.rollout_id}/journeys{query}"
        answer = await self.call(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return {journey["unit_id"]: journey for journey in answer.json()["items"]}

    async def report(
        self, units: Iterable[str], detail: EvidenceDetail, traceparent: str | None = None
    ) -> None:
        """Evidence arrives about these units, and their waves are hinted at."""
        journeys = await self.journeys()
        async with self.app.uow() as uow:
            for unit in units:
                place = (self.rollout_id, unit, uuid4(), datetime.now(UTC))
                await store_evidence(NewEvidence(*place, detail, traceparent), uow)
        for wave in {journeys[unit]["wave"] for unit in units}:
            await self.app.engine.nudge_wave(self.rollout_id, wave)

    async def release(
        self,
        units: Iterable[str],
        occasion: Literal["baseline", "follow_up"],
        share: int | None = 75,
        traceparent: str | None = None,
    ) -> None:
        kind: RoundKind = "baseline_released" if occasion == "baseline" else "follow_up_released"
        await self.report(units, RoundReleased(kind, share), traceparent)

    async def reach(self, units: Iterable[str], step: str, status: str = "active") -> None:
        """Wait until the units are in the step, and the other services were asked."""
        wanted = set(units)

        async def there() -> bool:
            journeys = await self.journeys()
            found = {unit: journeys[unit] for unit in wanted}
            for unit, journey in found.items():
                place = (unit, journey["step"], journey["status"], journey["waiting_for"])
                assert (journey["step"], journey["status"]) == (step, status), place
                assert "answer" not in journey["waiting_for"], place
            return True

        await eventually(there)

    async def go_through(self, units: Iterable[str]) -> None:
        """Carry units that have started through the whole journey."""
        units = tuple(units)
        await self.reach(units, "baseline")
        await self.release(units, "baseline")
        await self.reach(units, "modules")
        await self.report(units, MeetingHeld())
        await self.report(units, ModuleCompleted("intro"))
        await self.report(units, ActionChosen())
        await self.reach(units, "follow_up")
        await self.release(units, "follow_up")
        await self.report(units, ActionCheckedBack())
        await self.reach(units, "after_care", "completed")

    async def phase(self, phase: str) -> dict[str, Any]:
        """The rollout, once it is in this phase."""

        async def there() -> dict[str, Any]:
            rollout = await self.rollout()
            assert rollout["phase"] == phase
            return rollout

        return await eventually(there)

    async def decide(self) -> None:
        """From a passed gate to an approved wide introduction."""
        proposed = await self.act(
            "propose_decision",
            outcome="broad_introduction",
            reasons="It works.",
            diary_number="RV 2026-0142",
        )
        decision_id = proposed["decision"]["decision_id"]
        await self.act("approve_decision", "second-administrator", decision_id=decision_id)

    async def record_prerequisites(self, wave: int) -> None:
        for kind in ("risk_assessment", "joint_consultation"):
            await self.act(
                "record_prerequisite",
                wave=wave,
                kind=kind,
                reference="RV 2026-0007",
                recorded_on="2026-02-01",
            )
