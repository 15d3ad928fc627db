"""A relay as a process that a test can pause: `python relay_process.py DSN KAFKA`."""

import asyncio
import logging
import sys

from servicekit.relay import Relay
from servicekit.settings import Kafka


async def main() -> None:
    dsn, servers = sys.argv[1:]
    kafka = Kafka(bootstrap_servers=servers, session_timeout_ms=3_000, request_timeout_ms=10_000)
    await Relay(dsn, kafka).run(asyncio.Event())


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main())
