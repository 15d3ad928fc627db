"""Runbooks are done as they are written, on the live stack; what each is for is there first.

A document's own section *Verify* fails if the commands before it have done nothing.
"""

import time
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from devstack import Stack
from e2e.pilot import Administrator, begin
from support import runbooks
from support.checker import read_topics

pytestmark = pytest.mark.timeout(900)  # a document may take longer than a request

UNITS = "workflow.unit"
GROUP = "content.units"  # it reads them


@pytest.fixture(scope="module", autouse=True)
def rollout(stack: Stack) -> None:
    """A rollout is under way, so that services have published and there is something to pause."""
    begin(Administrator(stack), f"runbook-{uuid4().hex[:8]}")


async def test_replay_publishes_events_again(stack: Stack, kafka: str) -> None:
    before = len(await read_topics(kafka, UNITS))
    assert before
    await runbooks.run(stack, "replay")
    assert len(await read_topics(kafka, UNITS)) > before


async def test_dead_letters_are_sent_again(stack: Stack, kafka: str) -> None:
    """Of an event that the group has taken, as after a replay: it takes no effect twice."""
    event = (await read_topics(kafka, UNITS))[0]
    place = ("topic", UNITS), ("partition", str(event.partition)), ("offset", str(event.offset))
    said = (*((f"origin_{name}", of) for name, of in place), ("error", "Sample"), ("attempts", "3"))
    headers = [*event.headers, *((f"dlq_{name}", text.encode()) for name, text in said)]
    headers.append(("dlq_time", str(time.time()).encode()))
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for _ in range(2):
            await producer.send_and_wait(f"{GROUP}.dlq", event.value, event.key, headers=headers)
    finally:
        await producer.stop()
    said_then = await runbooks.run(stack, "dead-letters")
    assert "1 left" in said_then
    assert "0 left" in said_then


async def test_the_audit_trails_are_whole(stack: Stack) -> None:
    assert (await runbooks.run(stack, "audit-trail")).count("the trail is whole") == 2


async def test_the_self_test_has_found_nothing(stack: Stack) -> None:
    await runbooks.run(stack, "self-test")


async def test_a_process_that_is_missing_is_found_and_started(stack: Stack) -> None:
    await stack.stop("content-worker")
    try:
        said = await runbooks.run(stack, "operation")
    finally:
        await stack.start("content-worker", 120)
    assert f"{stack.env['CONTENT_URL']}: worker" in said  # and what others have killed


async def test_everything_is_paused_and_goes_on(stack: Stack) -> None:
    await runbooks.run(stack, "pause-everything")


async def test_a_service_is_taken_down_and_comes_back(stack: Stack) -> None:
    before = {name: stack.state.processes[name].pid for name in ("content-api", "content-worker")}
    try:
        await runbooks.run(stack, "take-a-service-down")
    finally:
        for name in before:
            await stack.start(name, 120)
    assert all(stack.state.processes[name].pid != pid for name, pid in before.items())
