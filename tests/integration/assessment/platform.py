"""The service as an attacker meets it: an api and a worker process on real servers."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bench.server_process import Server, free_port, process
from devstack.issuer import Issuer
from integration.assessment.service import Service
from servicekit.settings import Database

CACHE_SECONDS = 1


@dataclass(frozen=True)
class Platform:
    """The running service, its processes, and their logs."""

    service: Service
    api: psutil.Process
    worker: psutil.Process
    logs: tuple[Path, Path]


@asynccontextmanager
async def platform(
    service: Service,
    database: Database,
    issuer: Issuer,
    kafka: str,
    folder: Path,
    **settings: str,
) -> AsyncIterator[Platform]:
    """Both processes on the service's database and key folder; the service then calls the api."""
    env = {
        "ASSESSMENT_ENVIRONMENT": "test",
        "ASSESSMENT_DB__DSN": database.dsn.get_secret_value(),
        "ASSESSMENT_KAFKA__BOOTSTRAP_SERVERS": kafka,
        "ASSESSMENT_AUTH__ISSUER": issuer.url,
        "ASSESSMENT_ROUND_KEYS__DIRECTORY": str(folder / "keys"),
        "ASSESSMENT_ROUND_KEYS__CACHE_SECONDS": str(CACHE_SECONDS),
        "ASSESSMENT_RELEASE__INTERVAL_SECONDS": "0.2",
        "ASSESSMENT_WORKFLOW__URL": "http://127.0.0.1:9",
        "ASSESSMENT_PEOPLE__URL": "http://127.0.0.1:9",
        "ASSESSMENT_CLIENT__CLIENT_ID": "assessment-service",
        "ASSESSMENT_CLIENT__CLIENT_SECRET": "x",
        **settings,
    }
    logs = folder / "api.log", folder / "worker.log"
    ports = free_port(), free_port()

    def running(role: str, number: int) -> AbstractAsyncContextManager[Server]:
        own = {**env, "ASSESSMENT_HTTP__PORT": str(ports[number])}
        return process(logs[number], ports[number], "assessment_service", role, env=own)

    url = f"http://127.0.0.1:{ports[0]}/v1"
    async with (
        running("api", 0) as api,
        running("worker", 1) as worker,
        httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client,
    ):
        service.client = client
        yield Platform(service, api.process, worker.process, logs)
