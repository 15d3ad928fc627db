"""Operators see the stack: every dashboard query and rule on a real scrape, and one real fault."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import yaml

from devstack import Stack
from e2e.pilot import Administrator, begin
from generators.dashboards import ONLY_ON_FAULT
from portal_service.adapters.prometheus import Prometheus as ForOperators
from support.eventually import eventually
from support.otlp import OtlpSink
from support.prometheus import Prometheus, scraping

INFRA = Path(__file__).parents[2] / "infra"
RAISED_SECONDS = 180
RESOLVED_SECONDS = 300
LEFT_BY_OTHERS = {"UnitsStuck"}
"""Alerts about what other tests on the same stack leave behind."""
NEVER_DRILLED = "DrillNever"
"""True of every stack that is new, and alerted after 35 days."""


@pytest.fixture(scope="module")
async def seen(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    """Prometheus, after a pilot has begun: everything that can be measured has happened once."""
    administrator = Administrator(stack)
    begin(administrator, f"seen-{uuid4().hex[:8]}")
    async with scraping(stack, tmp_path_factory.mktemp("prometheus")) as found:

        async def mails_are_sent() -> bool:
            return bool(await found.query('notification_attempts_total{result="accepted"} > 0'))

        await eventually(mails_are_sent, within=180, pause=1)
        yield found


def queries() -> Iterator[tuple[str, bool]]:
    """Every query of the dashboards, and whether it has to return something in good times."""
    for path in sorted((INFRA / "grafana").glob("*.json")):
        for panel in json.loads(path.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                yield target["expr"], panel["description"] != ONLY_ON_FAULT


async def test_every_query_of_the_dashboards_returns_data(seen: Prometheus) -> None:
    empty = [query for query, needed in queries() if not await seen.query(query) and needed]
    assert empty == []


async def test_every_rule_is_evaluated_and_none_fires(seen: Prometheus) -> None:
    alerts = yaml.safe_load((INFRA / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))
    for group in alerts["groups"]:
        for rule in group["rules"]:
            found = await seen.query(rule["expr"])
            assert found == [] or rule["alert"] in {*LEFT_BY_OTHERS, NEVER_DRILLED}, rule["alert"]
    assert await new_alerts(seen) == {}


async def new_alerts(seen: Prometheus) -> dict[str, list[dict[str, str]]]:
    """What fires, without what other tests left behind."""
    firing = await seen.firing()
    return {name: found for name, found in firing.items() if name not in LEFT_BY_OTHERS}


async def test_a_slow_request_leads_to_its_trace(seen: Prometheus, spans: OtlpSink) -> None:
    kept = await seen.exemplars("http_server_request_duration_seconds_bucket")
    linked = {one["labels"]["trace_id"] for one in kept}
    assert linked & {span.trace_id for span in spans.spans}


async def test_a_stopped_process_is_alerted_and_nothing_else(
    seen: Prometheus, stack: Stack
) -> None:
    async def alerted() -> bool:
        firing = await new_alerts(seen)
        assert [of["service"] for of in firing.get("ProcessDown", [])] == ["content"]
        assert set(firing) == {"ProcessDown"}
        shown = await ForOperators(seen.url).look()
        assert shown
        (alert,) = [one for one in shown.alerts if one.name == "ProcessDown"]
        assert (alert.is_urgent, alert.runbook) == (True, "alerts.md#processdown")
        assert "content" in alert.summary
        return True

    async def silent() -> bool:
        return await new_alerts(seen) == {}

    await stack.stop("content-worker")
    try:
        await eventually(alerted, within=RAISED_SECONDS, pause=2)
    finally:
        await stack.start("content-worker")
    await eventually(silent, within=RESOLVED_SECONDS, pause=2)


def test_readiness_lists_what_a_process_cannot_do(stack: Stack) -> None:
    url = stack.state.processes["workflow-worker"].url
    ready = httpx.get(f"{url}/health/ready", timeout=10)
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "cannot": []})
