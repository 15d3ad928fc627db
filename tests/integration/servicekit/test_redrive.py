"""An operator handles dead letters: list, dry run, send one again, then all, none left."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from integration.servicekit.flow import (
    counted,
    dead_letters,
    effects,
    message,
    send,
    wait_for_effects,
)
from servicekit.consumer_group import EventMeta
from support.apps import CounterBumped, SampleUnitOfWork, running, unique
from support.checker import header, read_topics
from support.eventually import eventually

Command = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def command(kafka: str) -> Command:
    """Runs `python -m servicekit.dead_letters`; returns its exit code and its output."""

    async def run(*arguments: str, at: str = kafka) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "servicekit.dead_letters", *arguments),
            env={**os.environ, "KAFKA_BOOTSTRAP_SERVERS": at},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode is not None
        return process.returncode, said.decode()

    return run


class Handler:
    """Cannot take any event until it is fixed."""

    fixed = False

    async def __call__(self, bumped: CounterBumped, uow: SampleUnitOfWork, meta: EventMeta) -> None:
        await uow.effect(bumped, meta)
        if not self.fixed:
            raise ZeroDivisionError("a bug")


async def test_after_a_fix_every_letter_takes_effect_once_and_none_is_left(
    command, engine, event, flow, relay, producer, kafka
):
    handler, group = Handler(), unique("sample.g")
    async with running(flow(handler, group)), running(relay):
        for version in (1, 2, 3):
            one = message(event, counted(version))
            await send(producer, event.TOPIC, one, colour=b"red", foreign=b"\xff")
        await dead_letters(kafka, group, 3)

        code, listed = await command("list", "--group", group)
        assert (code, listed.count("ZeroDivisionError")) == (0, 3)
        assert f"{event.TOPIC}/" in listed
        assert "counter_id" not in listed
        code, said = await command("redrive", "--group", group, "--all", "--dry-run")
        assert (code, said) == (0, listed)
        assert await effects(engine) == []

        handler.fixed = True
        assert "2 left" in (await command("redrive", "--group", group, "--count", "1"))[1]
        assert await wait_for_effects(engine, 1) == [("a", 1)]
        assert "0 left" in (await command("redrive", "--group", group, "--all"))[1]
        assert await wait_for_effects(engine, 3) == [("a", 1), ("a", 2), ("a", 3)]
        assert (await command("list", "--group", group))[1] == "0 dead letters\n"
        assert (await command("redrive", "--group", group, "--all"))[1] == "0 left\n"
    first, *_ = once = await read_topics(kafka, event.TOPIC)
    again, *_ = await read_topics(kafka, f"{group}.retry")
    assert len(once) == 3
    assert (again.key, again.value) == (first.key, first.value)
    assert set(first.headers) < set(again.headers)
    assert header(again, "colour") == "red"
    assert header(again, "dlq_origin_topic") == event.TOPIC


async def test_a_malformed_record_stays_one_letter_per_group_however_often_it_is_sent_again(
    command, event, flow, relay, producer, kafka
):
    groups = [unique("sample.g"), unique("sample.g")]
    one, other = (flow(group=group) for group in groups)

    async def only_letter(group: str, offset: int) -> ConsumerRecord:
        found = await read_topics(kafka, f"{group}.dlq")
        assert [letter.offset for letter in found] == [offset]
        return found[0]

    async with running(one), running(other), running(relay):
        await send(producer, event.TOPIC, message(event, b"{"))
        for times in range(3):
            for group in groups:
                letter = await eventually(partial(only_letter, group, times))
                assert header(letter, "dlq_origin_topic") == event.TOPIC
                assert "sent again" in (await command("redrive", "--group", group, "--all"))[1]
        for group in groups:
            await eventually(partial(only_letter, group, 3))
    assert len(await read_topics(kafka, event.TOPIC)) == 1


async def test_what_can_never_be_taken_is_discarded(command, event, flow, relay, producer, kafka):
    consumer = flow()
    async with running(consumer), running(relay):
        await send(producer, event.TOPIC, message(event, b"{"))
        await dead_letters(kafka, flow.group, 1)
        assert "0 left" in (await command("discard", "--group", flow.group, "--all"))[1]
        assert (await command("list", "--group", flow.group))[1] == "0 dead letters\n"


async def test_two_at_a_time_are_refused(command, event, flow, relay, producer, kafka):
    async with running(flow()), running(relay):
        await send(producer, event.TOPIC, message(event, b"{"))
        await dead_letters(kafka, flow.group, 1)
    other = AIOKafkaConsumer(
        f"{flow.group}.dlq", bootstrap_servers=kafka, group_id=f"{flow.group}.dlq.redrive"
    )
    await other.start()
    try:
        code, said = await command("redrive", "--group", flow.group, "--all")
    finally:
        await other.stop()
    assert (code, "another redrive" in said) == (1, True)
    assert "1 dead letters" in (await command("list", "--group", flow.group))[1]


async def test_wrong_use_is_answered_with_a_sentence(command):
    code, said = await command("redrive", "--group", "no.such", "--all")
    assert (code, "no group no.such; there are:" in said) == (1, True)
    assert (await command("redrive", "--group", "a", "--count", "-1"))[0] == 2
    code, said = await command("list", at="127.0.0.1:9")
    assert code == 1
    assert "Traceback" not in said
