"""Ask a started server whether it really answers; each probe is one attempt and returns a bool."""

import asyncio
import logging
from urllib.parse import urlsplit

import asyncpg
from aiokafka.client import AIOKafkaClient

from devstack.processes import Probe

ATTEMPT = 2.0  # seconds for one attempt


def http(url: str) -> Probe:
    """True when a GET is answered with 200."""
    parts = urlsplit(url)

    async def attempt() -> bool:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        try:
            request = f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n"
            writer.write(request.encode())
            status = await reader.readline()
        finally:
            writer.close()
        return status.split(b" ")[1:2] == [b"200"]

    return bounded(attempt)


def postgres(dsn: str) -> Probe:
    """True when a session can be opened and a query answered."""

    async def attempt() -> bool:
        connection = await asyncpg.connect(dsn, timeout=ATTEMPT)
        try:
            return bool(await connection.fetchval("select true"))
        finally:
            await connection.close(timeout=ATTEMPT)

    return bounded(attempt)


def kafka(bootstrap_servers: str) -> Probe:
    """True when the broker names itself as a living member of its cluster, not only listens."""
    # Every failed attempt would be logged as an error; here it is the expected answer.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)

    async def attempt() -> bool:
        client = AIOKafkaClient(bootstrap_servers=bootstrap_servers, request_timeout_ms=2_000)
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        finally:
            await client.close()

    return bounded(attempt)


def command(*argv: str) -> Probe:
    """True when the command exits with 0."""

    async def attempt() -> bool:
        process = await asyncio.create_subprocess_exec(
            *argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            return await process.wait() == 0
        except asyncio.CancelledError:
            process.kill()
            raise

    return bounded(attempt)


def bounded(attempt: Probe) -> Probe:
    """The attempt with a deadline; a refused or broken connection is 'not yet'."""

    async def probe() -> bool:
        try:
            async with asyncio.timeout(ATTEMPT):
                return await attempt()
        except Exception:
            return False

    return probe
