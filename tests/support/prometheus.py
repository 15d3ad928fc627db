"""A real Prometheus that scrapes a stack, and what it says."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from devstack import Stack
from devstack.options import StackError
from devstack.servers import prometheus
from devstack.service_env import PROCESSES
from support.eventually import eventually
from support.ports import free_port
from support.stack import unavailable


class Prometheus:
    """Asks a Prometheus at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(base_url=f"{url}/api/v1", timeout=30, trust_env=False)

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that a query returns. Raises AssertionError if it is not valid, or while
        Prometheus starts."""
        try:
            response = await self._client.get("/query", params={"query": expression})
        except httpx.TransportError as error:
            raise AssertionError("Prometheus does not answer") from error
        assert response.status_code != 503, "Prometheus starts"
        answer = response.json()
        assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    async def firing(self) -> dict[str, list[dict[str, str]]]:
        """Each alert that fires, with the labels of what it is about."""
        alerts = (await self._client.get("/alerts")).json()["data"]["alerts"]
        found: dict[str, list[dict[str, str]]] = {}
        for alert in alerts:
            if alert["state"] == "firing":
                found.setdefault(alert["labels"]["alertname"], []).append(alert["labels"])
        return found

    async def exemplars(self, expression: str) -> list[dict[str, Any]]:
        asked = {"query": expression, "start": "0", "end": "9999999999"}
        answer = (await self._client.get("/query_exemplars", params=asked)).json()
        return [one for series in answer["data"] for one in series["exemplars"]]

    async def sees_all(self) -> None:
        """Return when every process of the stack has been scraped twice."""

        async def scraped() -> bool:
            ups = await self.query("count_over_time(up[10m]) > 1 and up == 1")
            assert len(ups) == len(PROCESSES), f"{len(ups)} of {len(PROCESSES)} processes"
            return True

        await eventually(scraped, within=90)

    async def close(self) -> None:
        await self._client.aclose()


@asynccontextmanager
async def scraping(stack: Stack, folder: Path) -> AsyncIterator[Prometheus]:
    """Prometheus beside a stack, with its files in `folder`."""
    ports = {name: urlsplit(stack.state.processes[name].url).port or 0 for name in PROCESSES}
    try:
        spec = prometheus.server(folder, free_port(), ports, lambda note: None).spec
    except StackError as error:
        unavailable(str(error))
        raise
    assert spec is not None
    assert spec.before is not None
    spec.before()
    process = subprocess.Popen(spec.argv)  # noqa: ASYNC220
    asking = Prometheus(spec.url)
    try:
        await asking.sees_all()
        yield asking
    finally:
        await asking.close()
        process.terminate()
        await asyncio.to_thread(process.wait, 30)
