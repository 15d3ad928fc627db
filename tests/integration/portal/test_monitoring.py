"""What operators are shown of Prometheus: asked of a real one that scrapes what a drill writes."""

import asyncio
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devstack.backup import report
from devstack.options import StackError
from devstack.servers import prometheus
from portal_service.adapters.prometheus import Prometheus
from portal_service.application.ports import MonitoringAway
from portal_service.domain.monitored import DRILL_HOLDS, Drill, Monitored
from support.eventually import eventually
from support.ports import free_port
from support.stack import unavailable

CONFIGURATION = """
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
scrape_configs:
  - job_name: node
    static_configs: [{targets: ["127.0.0.1:PORT"], labels: {service: content}}]
"""


@pytest.fixture
def scraped() -> Iterator[tuple[list[str], int]]:
    """Lines that a textfile collector and a service would give, and the port that has them."""
    lines: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write("\n".join([*lines, ""]).encode())

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield lines, server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
async def asked(tmp_path: Path, scraped: tuple[list[str], int]) -> AsyncIterator[Prometheus]:
    try:
        spec = prometheus.server(tmp_path / "prometheus", free_port(), {}, lambda note: None).spec
    except StackError as error:
        unavailable(str(error))
        raise
    assert spec is not None
    assert spec.before is not None
    spec.before()
    text = CONFIGURATION.replace("PORT", str(scraped[1]))
    (tmp_path / "prometheus" / "prometheus.yml").write_text(text)
    process = subprocess.Popen(spec.argv)  # noqa: ASYNC220
    try:
        yield Prometheus(spec.url)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)


async def seen(asked: Prometheus) -> Monitored:
    try:
        found = await asked.look()
    except MonitoringAway as error:
        raise AssertionError("Prometheus starts") from error
    assert found
    return found


async def test_what_a_drill_writes_and_what_was_refused_is_shown(
    asked: Prometheus, scraped: tuple[list[str], int], tmp_path: Path
) -> None:
    lines, _ = scraped
    await eventually(lambda: seen(asked), within=30)
    assert await seen(asked) == Monitored([], Drill(), [])
    report.make_key(tmp_path / "key")
    figures = {"rpo_seconds": 0.12, "rto_seconds": 74.5}
    report.write(tmp_path, {"passed": True, **figures}, tmp_path / "key")
    lines[:] = (tmp_path / "restore-drill.prom").read_text().splitlines()
    lines.append('requests_refused_total{limit="person"} 0')

    async def shown() -> Monitored:
        found = await seen(asked)
        assert found.drill.passed_at
        return found

    found = await eventually(shown, within=30)
    now = datetime.now(UTC)
    assert found.drill.state(now) == "passed"
    assert found.drill.state(now + DRILL_HOLDS + timedelta(minutes=1)) == "overdue"
    assert (found.drill.rpo_seconds, found.drill.rto_seconds) == (0.12, 74.5)
    assert found.limits_met == []
    lines[-1] = 'requests_refused_total{limit="person"} 12'
    report.write(tmp_path, {"passed": False}, tmp_path / "key")
    failed = (tmp_path / "restore-drill-failed.prom").read_text()
    lines += failed.replace(failed.split()[-1], f"{now.timestamp() + 60:.0f}").splitlines()

    async def failed_since() -> Monitored:
        found = await seen(asked)
        assert found.drill.state(now) == "failed"
        assert found.limits_met
        return found

    found = await eventually(failed_since, within=30)
    assert found.drill.rto_seconds == 74.5  # of the last one that was passed
    (met,) = found.limits_met
    assert (met.service, met.limit) == ("content", "person")
    assert met.count >= 12


async def test_a_prometheus_that_does_not_answer_is_away() -> None:
    with pytest.raises(MonitoringAway):
        await Prometheus(f"http://127.0.0.1:{free_port()}").look()
    assert await Prometheus(None).look() is None
