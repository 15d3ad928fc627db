"""The page of those who operate the platform."""

from datetime import UTC, datetime
from html import unescape

import pytest

from portal_service.application.ports import AlertsAway
from portal_service.domain.alert import Alert
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID
from unit.portal.operation_answers import operation, troubled
from unit.portal.portal import Browser

SERVICES = ("assessment", "content", "notification", "people", "workflow")


@pytest.fixture
async def operator(signed_in: Browser) -> Browser:
    """In front of a platform where everything works."""
    signed_in.authenticator.assignments = frozenset({Assignment("operator", EVERY_UNIT)})
    for service in SERVICES:
        signed_in.services.answers[service, "/operation"] = operation()
    signed_in.own_processes.answer = operation(groups=[], backlogs=[])
    return signed_in


async def shown(browser: Browser) -> str:
    answer = await browser.get("/operation")
    assert answer.status_code == 200
    return unescape(answer.text)


async def test_one_sentence_says_that_everything_works(operator: Browser) -> None:
    text = await shown(operator)
    assert "Allt fungerar" in text
    assert "docs/runbooks" not in text
    assert text.count("content-worker") == 6


async def test_a_service_that_does_not_answer_is_shown_with_all_others(operator: Browser) -> None:
    operator.services.away = {"people"}
    text = await shown(operator)
    assert "En sak behöver ses över" in text
    assert "Tjänsten svarar inte" in text
    assert text.count("content-worker") == 5
    assert "docs/runbooks/operation.md" in text


async def test_the_portal_shows_itself(operator: Browser) -> None:
    operator.own_processes.answer = troubled("portal-host")
    text = await shown(operator)
    assert "portal-host" in text
    assert "/operation/dead-letters" in text


async def test_who_may_not_operate_is_not_shown_it(operator: Browser) -> None:
    for role, unit in (("employee", "rehab"), ("auditor", EVERY_UNIT), ("operator", "rehab")):
        operator.authenticator.assignments = frozenset({Assignment(role, unit)})
        assert (await operator.get("/operation")).status_code == 403
        assert 'href="/operation"' not in (await operator.get("/")).text
    operator.authenticator.assignments = frozenset({Assignment("administrator", EVERY_UNIT)})
    assert 'href="/operation"' in await shown(operator)


async def test_an_operator_is_led_to_nothing_that_is_not_theirs(operator: Browser) -> None:
    text = (await operator.get(f"/rollouts/{ID}")).text
    assert f"/rollouts/{ID}/units" not in text
    assert 'href="/ask"' not in (await operator.get("/answers")).text
    operator.authenticator.assignments = frozenset({Assignment("strategist", EVERY_UNIT)})
    text = (await operator.get(f"/rollouts/{ID}")).text
    assert f"/rollouts/{ID}/units" in text
    assert 'href="/ask"' in (await operator.get("/answers")).text


async def test_alerts_are_shown_with_what_to_do(operator: Browser) -> None:
    assert "Ingen Prometheus är ansluten" in await shown(operator)
    since = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    fires = Alert("ProcessDown", True, "content-worker is down.", "alerts.md#processdown", since)
    alerts = vars(operator.api.state.app)["alerts"] = FakeAlerts([])
    assert "Inget larm pågår" in await shown(operator)
    alerts.found = [fires]
    text = await shown(operator)
    for said in ("ProcessDown", "genast", "content-worker is down.", "alerts.md#processdown"):
        assert said in text
    alerts.found = None
    assert "Prometheus svarar inte" in await shown(operator)


class FakeAlerts:
    """The port `Alerts`; away while `found` is None."""

    def __init__(self, found: list[Alert] | None) -> None:
        self.found = found

    async def firing(self) -> list[Alert]:
        if self.found is None:
            raise AlertsAway
        return self.found


async def test_links_lead_where_the_settings_say(operator: Browser) -> None:
    text = await shown(operator)
    assert "http://temporal.example.se" not in text
    vars(operator.api.state.app)["_settings"] = operator.api.state.app._settings.model_copy(
        update={
            "temporal_ui_url": "http://temporal.example.se",
            "traces_url": "http://traces.example.se",
            "runbooks_url": "http://git.example.se/runbooks",
        }
    )
    operator.services.away = {"people"}
    text = await shown(operator)
    assert 'href="http://temporal.example.se"' in text
    assert 'href="http://traces.example.se"' in text
    assert 'href="http://git.example.se/runbooks/operation.md"' in text
