"""The portal over HTTP, with fakes behind its ports: no server, no database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from cryptography.fernet import Fernet
from fastapi import FastAPI

from portal_service.application.signing_in import SigningIn
from portal_service.bootstrap import build
from portal_service.domain.texts import SERVICES
from portal_service.entrypoints import cookies
from portal_service.entrypoints.pages import Pages
from portal_service.settings import Settings
from servicekit.auth import EVERY_UNIT, Assignment, Principal
from servicekit.settings import Limits
from unit.portal import answers, library_answers, operator_answers, organisation_answers
from unit.portal.fakes import (
    FakeExchange,
    FakeFullText,
    FakeMonitoring,
    FakeOwnProcesses,
    FakeProvider,
    FakeServices,
    FakeSessions,
)
from unit.portal.operation_answers import troubled

URL = "https://portal.example.se"
OWN_PAGE = {"sec-fetch-site": "same-origin"}
EVERYTHING = frozenset(
    {
        *(
            Assignment(role, EVERY_UNIT)
            for role in ("administrator", "approver", "auditor", "operator")
        ),
        *(Assignment(role, "rehab") for role in ("employee", "manager")),
    }
)


BY_CODE = frozenset({Assignment("respondent", "rehab", round=answers.ID)})


class FakeAuthenticator:
    """Knows the holder of any token."""

    def __init__(self) -> None:
        self.assignments = EVERYTHING
        self.subject = "account-1"

    async def authenticate(self, token: str) -> Principal:
        return Principal(self.subject, "https://people.example.se", self.assignments)

    def forget_expired(self) -> int:
        return 0

    async def close(self) -> None:
        pass


@dataclass
class Browser:
    """The portal, and a client that keeps no cookies of its own."""

    api: FastAPI
    client: httpx.AsyncClient
    sessions: FakeSessions
    provider: FakeProvider
    exchange: FakeExchange
    services: FakeServices
    authenticator: FakeAuthenticator
    own_processes: FakeOwnProcesses
    monitoring: FakeMonitoring
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.request("GET", path, headers=headers)

    async def post(self, path: str, **form: str) -> httpx.Response:
        return await self.request("POST", path, data=form, headers=OWN_PAGE)

    async def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {name.replace("_", "-"): v for name, v in request.pop("headers", {}).items()}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        return await self.client.request(method, path, headers=headers, **request)

    async def sign_in_by_code(self) -> httpx.Response:
        self.cookies = {}
        self.authenticator.assignments = BY_CODE
        answer = await self.post("/svara", code=" abcd efgh ")
        self.keep(answer)
        return answer

    async def sign_in(self) -> str:
        """The key of the new session, which is in the cookie."""
        self.cookies = {}
        begun = await self.get("/sign-in")
        self.keep(begun)
        state = begun.headers["location"].partition("state=")[2]
        self.keep(await self.get(f"/sign-in/answer?code=c&state={state}"))
        return self.cookies[cookies.NAME]

    def keep(self, answer: httpx.Response) -> None:
        value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        self.cookies[cookies.NAME] = value


@cache
def pages() -> Pages:
    """The same for all tests: making them takes most of the time."""
    return Pages()


@asynccontextmanager
async def browsing(public_url: str = URL, limits: Limits | None = None) -> AsyncIterator[Browser]:
    """A portal whose services give the sample answers."""
    app = build(settings(public_url, limits))
    sessions = FakeSessions()
    provider, exchange = FakeProvider(sessions), FakeExchange(sessions)
    services, authenticator = FakeServices(), FakeAuthenticator()
    own, monitoring = FakeOwnProcesses(), FakeMonitoring()
    fill(services)
    parts = {
        "services": services,
        "signing_in": SigningIn(provider, exchange, sessions),
        "authenticator": authenticator,
        "own_processes": own,
        "monitoring": monitoring,
        "full_text": FakeFullText(),
        "pages": pages(),
    }
    vars(app).update(parts)
    api = app.api()
    transport = httpx.ASGITransport(api)  # A failure that gets out fails the test.
    async with httpx.AsyncClient(transport=transport, base_url=public_url) as client:
        yield Browser(
            *(api, client, sessions, provider, exchange, services, authenticator, own, monitoring)
        )


def settings(public_url: str = URL, limits: Limits | None = None) -> Settings:
    peers = {
        name: {"url": f"http://{name}.invalid"}
        for name in ("assessment", "content", "notification", "people", "workflow")
    }
    return Settings.model_validate(
        {
            "environment": "test",
            "http": {"port": 1, "limits": limits or Limits()},
            "db": {"dsn": "postgresql://nobody@localhost/none"},
            "auth": {"issuer": "https://people.example.se"},
            "kafka": {"bootstrap_servers": "kafka.invalid:9092"},
            "public_url": public_url,
            "accessibility_contact": "accessibility@example.se",
            "sign_in": {"issuer": "https://idp.example.se/realms/sample"},
            "sessions": {"keys": [Fernet.generate_key().decode()]},
            **peers,
        }
    )


def fill(services: FakeServices, text: str = "Rehab") -> None:
    """Let the services give the sample answers, with `text` wherever they pass on a text."""
    rollout, page = f"/rollouts/{answers.ID}", answers.page
    services.answers = {
        ("workflow", "/units"): page(answers.unit(text), total=300),
        ("workflow", "/units/rehab"): answers.unit(text),
        ("workflow", "/units/heart"): answers.parent_unit(text),
        ("workflow", "/rollouts"): page(answers.rollout_summary(text)),
        ("workflow", rollout): answers.rollout(text),
        ("workflow", f"{rollout}/journeys"): page(answers.journey(text)),
        ("workflow", f"{rollout}/board"): answers.board(text),
        ("workflow", "/units/rehab/journeys"): answers.unit_journeys(text),
        ("workflow", f"{rollout}/history"): page(answers.transition(text)),
        ("workflow", f"{rollout}/decision"): answers.decision(text),
        ("assessment", "/rounds"): page(answers.round_summary(text)),
        ("assessment", f"/rounds/{answers.ID}"): answers.round_(text),
        ("assessment", f"/rounds/{answers.ID}/answer"): answers.profile(text),
        ("assessment", "/results"): page(answers.result(text), answers.hidden_result()),
        ("assessment", f"{rollout}/report-groups"): answers.report_groups(text),
        ("people", "/delegations"): page(
            answers.delegation(text),
            answers.delegation(text, role="approver", unit_id="", valid_to="2026-10-01"),
            total=60,
        ),
        ("people", "/persons/import"): answers.person_import(text, ended=2),
        ("workflow", "/units/import"): answers.unit_import(text),
        ("content", "/units/rehab/changes"): page(
            answers.change(text), answers.changed_action(text), total=30
        ),
        ("content", "/units/rehab/progress"): answers.progress(text),
        ("content", "/articles"): page(answers.article(text)),
        ("content", "/articles/why"): answers.article(text, "film", "in_review"),
        ("content", "/articles/how"): answers.article(text, "question", "draft"),
        ("content", "/questions"): page(answers.question(text)),
        ("content", "/questions/own"): page(answers.question(text)),
        ("content", "/public/articles"): page(answers.edition(text)),
        ("content", "/public/articles/news"): answers.edition(text),
        ("content", "/public/articles/film"): answers.edition(text, "film"),
        ("content", "/public/articles/answer"): answers.edition(text, "question"),
        ("content", "/public/articles/course"): answers.edition(text, "e_learning"),
        ("content", "/public/search"): page(answers.hit(text), answers.hit(text, "module")),
        ("workflow", "/public/timetable"): page(answers.timetable(text)),
        ("content", "/modules"): page(library_answers.module_card(text)),
        ("content", "/module-drafts"): page(library_answers.module_draft(text), total=60),
        ("content", "/modules/start"): library_answers.module(text),
        ("content", "/modules/start/versions/1"): library_answers.module(text, 1),
        ("content", "/modules/start/draft"): library_answers.module_draft(text),
        ("assessment", "/instruments"): page(library_answers.instrument_card()),
        ("assessment", "/instruments/sample/versions/1"): library_answers.instrument(text),
        ("workflow", "/import-mappings"): page(library_answers.mapping(text)),
        ("people", "/import-mappings"): page(library_answers.mapping(text)),
        ("people", "/import-mappings/hr"): library_answers.mapping(text),
        ("people", "/persons/import/progress"): library_answers.progress(),
        ("workflow", "/templates"): page(library_answers.template(text)),
        ("workflow", "/templates/check"): library_answers.checked_template(text),
        ("workflow", "/templates/um/versions/1"): library_answers.template(text),
        ("content", "/operation"): troubled(text),
        **_for_operators(text),
        **_about_the_organisation(text),
    }
    services.schemas = {
        "pause-unit": {
            "properties": {
                "unit_id": {"type": "string"},
                "reason": {"type": "string", "maxLength": 2_000},
            },
            "required": ["unit_id", "reason"],
        },
        "plan-waves": {
            "properties": {
                "wave_size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                "expected_version": {"type": "integer"},
            }
        },
        "approve-decision": {"properties": {"expected_version": {"type": "integer"}}},
        "reject-decision": {
            "properties": {"reason": {"type": "string", "maxLength": 2000}},
            "required": ["reason"],
        },
    }


def _about_the_organisation(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    page, given = answers.page, organisation_answers
    whole = given.erasure(complete=True, awaited=[])
    return {
        ("assessment", "/self-test"): given.self_test(text),
        ("assessment", "/custody"): page(given.envelope(), given.envelope(False), total=60),
        ("people", "/persons"): page(given.person(text), given.person(text, email=""), total=60),
        ("people", "/persons/p-0001"): given.person(text),
        ("people", "/persons/p-0001/identities"): given.identities(text),
        ("people", "/erasures"): page(given.erasure(), whole, total=60),
        ("people", f"/erasures/{answers.ID}"): given.erasure(),
        ("workflow", "/unit-changes"): page(*given.unit_changes(text), total=60),
        ("workflow", "/unit-changes?dry_run=true"): given.preview(text),
    }


def _for_operators(text: str) -> dict[tuple[str, str], dict[str, Any]]:
    page, given = answers.page, operator_answers
    letter = f"/dead-letters/{given.GROUP}/17"
    deliveries = [given.logged_delivery(text)]
    return {
        **{(service, "/dead-letters"): page() for service in SERVICES},
        ("content", "/dead-letters"): page(given.dead_letter(), given.dead_letter("", offset=18)),
        ("content", letter): given.dead_letter(),
        ("notification", "/subscriptions"): page(given.subscription(text), total=60),
        ("notification", f"/subscriptions/{answers.ID}"): given.subscription(text, "disabled"),
        ("notification", "/deliveries"): page(*deliveries, total=60),
        ("notification", f"/deliveries/{answers.ID}"): given.delivery(text),
        **{(service, "/audit"): page(given.audit_line(text), total=60) for service in SERVICES},
        ("workflow", "/open-problems"): page(
            given.open_problem(text),
            {**given.open_problem(text), "unit_id": None, "code": "module-unknown"},
            {**given.open_problem(text), "code": "rounds-refused"},
            total=60,
        ),
        ("assessment", "/open-problems"): page(),
        ("content", "/open-problems"): page(given.unknown_reference(text)),
        ("people", "/open-problems"): page(
            given.missing_addresses(text),
            {**given.missing_addresses(text), "kind": "unit-unknown", "ids": [text]},
        ),
        ("people", "/audit"): page(given.audit_line(text, subject=None, details=None)),
    }
