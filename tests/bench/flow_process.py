"""A process of the latency bench: `python -m bench.flow_process relay|consumer KAFKA PREFIX`.

The consumer prints a line of JSON for every batch whose transaction has been committed.
"""

import json
import os
import sys
import time
from collections.abc import Sequence

import uvloop
from pydantic import SecretStr

from contracts import Event
from servicekit.consumer import Consumer
from servicekit.db import create_engine
from servicekit.relay import Relay
from servicekit.runtime import Component, run_components
from servicekit.settings import Database, Kafka
from support.apps import CounterBumped, SampleUnitOfWork, counter_bumped, subscribe


async def report(events: Sequence[Event]) -> None:
    """Runs after the commit: say when that was, and of which events."""
    at = time.monotonic()
    print(
        json.dumps({"at": at, "notes": [e.note for e in events if isinstance(e, CounterBumped)]}),
        flush=True,
    )


def component(role: str, kafka: Kafka, prefix: str) -> Component:
    """The relay, or a consumer that writes one row for each event."""
    database = Database(dsn=SecretStr(os.environ["BENCH_DSN"]))
    if role == "relay":
        return Relay(database.dsn.get_secret_value(), kafka)
    event, engine = counter_bumped(prefix), create_engine(database)
    group = subscribe(f"{prefix}.latency", event, after_commit=report)
    return Consumer(kafka, lambda: SampleUnitOfWork(engine, event), [group])


async def main(role: str, kafka: str, prefix: str) -> None:
    """Run until SIGTERM."""
    await run_components([component(role, Kafka(bootstrap_servers=kafka), prefix)])


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
