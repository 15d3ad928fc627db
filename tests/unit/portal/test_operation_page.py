"""The page of those who operate the platform."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from portal_service.domain.monitored import Drill, Monitored
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal.answers import ID
from unit.portal.operation_answers import operation, process, troubled
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
    operator.monitoring.found = Monitored(drill=Drill(passed_at=NOW))
    text = await shown(operator)
    assert "Allt fungerar" in text
    assert text.count("docs/runbooks") == 1  # all of them
    assert text.count("content-worker") == 6


async def test_a_service_that_does_not_answer_is_shown_with_all_others(operator: Browser) -> None:
    operator.services.away = {"people"}
    text = await shown(operator)
    assert "En sak behöver ses över" in text
    assert "Tjänsten svarar inte" in text
    assert text.count("<code>content-worker") == 5
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
    text = await shown(operator)
    for said in ("ProcessDown", "genast", "content-worker is down.", "alerts.md#processdown"):
        assert said in text
    operator.monitoring.found = Monitored()
    assert "Inget larm pågår" in await shown(operator)
    operator.monitoring.away = True
    assert "Prometheus svarar inte" in await shown(operator)


async def test_without_a_prometheus_the_page_says_so_and_nothing_of_what_it_would_know(
    operator: Browser,
) -> None:
    operator.monitoring.found = None
    text = await shown(operator)
    assert "Ingen Prometheus är ansluten" in text
    assert "Senaste övningen" not in text
    assert "Gränser" not in text


NOW = datetime.now(UTC)
LATELY, LONG_AGO = NOW - timedelta(days=2), NOW - timedelta(days=36)


@pytest.mark.parametrize(
    ("drill", "says", "to_do"),
    [
        (Drill(), "Ingen är känd", True),
        (Drill(passed_at=LATELY, rpo_seconds=0.12, rto_seconds=74.5), "✓ Klarad", False),
        (Drill(passed_at=LONG_AGO), "mer än 35 dagar", True),
        (Drill(passed_at=LONG_AGO, failed_at=LATELY), "klarades inte", True),
        (Drill(passed_at=LATELY, failed_at=LONG_AGO), "✓ Klarad", False),
        (Drill(failed_at=LATELY), "klarades inte", True),
    ],
)
async def test_the_last_drill_is_shown_and_what_to_do_if_it_does_not_hold(
    operator: Browser, drill: Drill, says: str, to_do: bool
) -> None:
    operator.monitoring.found = Monitored(drill=drill)
    text = await shown(operator)
    assert says in text
    assert ("restore.md#drill" in text) == to_do
    assert ("0,1 sekunder" in text and "74,5 sekunder" in text) == (drill.rto_seconds is not None)


async def test_limits_met_are_listed(operator: Browser) -> None:
    text = await shown(operator)
    for said in ("Anrop från en person", "<td>12</td>", "alerts.md#requestsrefused"):
        assert said in text
    operator.monitoring.found = Monitored()
    assert "Inget anrop har nekats" in await shown(operator)


async def test_each_service_says_what_it_runs(operator: Browser) -> None:
    old, new = process("content-api", version="0.1.0"), process(version="0.2.0")
    operator.services.answers["content", "/operation"] = operation(processes=[old, new])
    text = await shown(operator)
    assert text.count("<td>0009</td>") == len(SERVICES) + 1
    assert "0.1.0, 0.2.0 (den uppgraderas nu)" in text


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
