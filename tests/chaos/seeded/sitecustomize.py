"""Seeded defects for whole services: Python runs this file at start where it is on PYTHONPATH.

Only `tests/chaos` puts it there. SEEDED_DEFECT names the defect. A hasty change to servicekit could
introduce each of them; here the fatal moment is made longer, so that a kill hits it.

CHAOS_NETWORK is the network namespace that the processes of the module CHAOS_NETWORK_OF run in.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from typing import Any
from unittest.mock import patch

FATAL_SECONDS = 0.4


def ack_first():
    """The offset is committed when the records are taken; the effect follows."""
    from servicekit.consumer import Consumer

    consume = Consumer._consume
    queues: dict[str, asyncio.Queue[Any]] = {}
    workers = []

    async def work(queue):
        while True:
            arguments = await queue.get()
            await asyncio.sleep(FATAL_SECONDS)
            await consume(*arguments)

    async def take(self, group, records, dead_letters):
        if group.name not in queues:
            queues[group.name] = asyncio.Queue()
            workers.append(asyncio.create_task(work(queues[group.name])))
        queues[group.name].put_nowait((self, group, records, dead_letters))

    patch.object(Consumer, "_consume", take).start()


def publish_before_commit():
    """Events go to Kafka while the transaction is still open."""
    from aiokafka import AIOKafkaProducer
    from sqlalchemy import text

    from servicekit import outbox

    write_raw = outbox.write_raw
    producers: list[AIOKafkaProducer] = []

    async def publish(connection, rows, time_header):
        await write_raw(connection, rows, time_header)
        written = await connection.execute(
            text(
                "with taken as (delete from outbox_pending p using outbox o"
                " where o.id = p.id and o.xmin = pg_current_xact_id()::xid returning o.*)"
                " select topic, key, payload, headers::text from taken order by id"
            )
        )
        if not producers:
            servers = next(v for n, v in os.environ.items() if n.endswith("BOOTSTRAP_SERVERS"))
            producers.append(AIOKafkaProducer(bootstrap_servers=servers))
            await producers[0].start()
        for topic, key, payload, headers in written:
            encoded = [(name, value.encode()) for name, value in json.loads(headers).items()]
            await producers[0].send_and_wait(topic, payload, key=key.encode(), headers=encoded)
        await asyncio.sleep(FATAL_SECONDS)

    patch.object(outbox, "write_raw", publish).start()


def inbox_outside():
    """The inbox row is committed by itself; the effect's transaction comes after."""
    from servicekit import inbox

    claim = inbox.claim

    async def claim_and_commit(connection, consumer, event_ids):
        async with connection.engine.connect() as own:
            fresh = await claim(own, consumer, event_ids)
            await own.commit()
        await asyncio.sleep(FATAL_SECONDS)
        return fresh

    patch.object(inbox, "claim", claim_and_commit).start()


def closes_first():
    """At the signal all connections are closed, also where a request is under way."""
    import uvicorn

    shutdown = uvicorn.Server.shutdown

    async def close_and_shut_down(self, *arguments, **named):
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await shutdown(self, *arguments, **named)

    patch.object(uvicorn.Server, "shutdown", close_and_shut_down).start()


def never_rebuilt():
    """One producer for the life of a process."""
    from servicekit import relay

    create, made = relay.create_producer, list[Any]()

    def create_once(kafka):
        if not made:
            made.append(create(kafka))
        return made[0]

    patch.object(relay, "create_producer", create_once).start()


def swallows():
    """An event that cannot be recorded is logged, and that is all."""
    from sqlalchemy.exc import DBAPIError

    from servicekit import outbox

    write = outbox.write

    async def write_or_not(*arguments):
        with suppress(DBAPIError):
            await write(*arguments)

    patch.object(outbox, "write", write_or_not).start()


def enter(network):
    """Before there is any other thread: a namespace is a thread's own."""
    import ctypes

    with open(network) as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0):
            raise OSError(ctypes.get_errno(), f"cannot enter {network}")


if os.environ.get("CHAOS_NETWORK_OF") in sys.orig_argv:
    enter(os.environ["CHAOS_NETWORK"])

if defect := os.environ.get("SEEDED_DEFECT"):
    {
        "ack-first": ack_first,
        "publish-before-commit": publish_before_commit,
        "inbox-outside": inbox_outside,
        "closes-first": closes_first,
        "never-rebuilt": never_rebuilt,
        "swallows": swallows,
    }[defect]()
