"""Assessment alone is restored to an earlier time: the services agree again, and nobody is mailed
twice."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx

from devstack import Stack
from devstack.servers.postgres_cluster import binaries
from devstack.shell import operator_env
from e2e.pilot import Administrator, prepare, start
from servicekit import offsets
from servicekit.settings import KafkaOfOperator
from support.commands import run_command
from support.eventually import eventually
from support.stack import signed_in

PROCESSES = ("assessment-api", "assessment-worker")


def run_program(name: str, dsn: str, *arguments: str) -> None:
    command = [str(binaries() / name), "-d", dsn, *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


async def put_back(admin: str, dump: Path) -> None:
    """Replace the database by what was dumped."""
    connection = await asyncpg.connect(admin)
    try:
        await connection.execute("drop database assessment with (force)")
        await connection.execute("create database assessment owner assessment_owner")
    finally:
        await connection.close()
    dsn = urlsplit(admin)._replace(path="/assessment").geturl()
    await asyncio.to_thread(run_program, "pg_restore", dsn, str(dump))


async def differences(stack: Stack, unit: str) -> list[str]:
    """What `reconcile` says of a unit; others have differences of their own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workflow_service", "reconcile"),
        env={**os.environ, **operator_env(stack)},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert " differences" in said.decode(), "it did not come to its end"
    return [line for line in said.decode().splitlines() if unit in line]


async def test_a_round_that_assessment_has_lost_is_opened_again(
    stack: Stack, tmp_path: Path
) -> None:
    unit, admin = f"apart-{uuid4().hex[:8]}", stack.env["POSTGRES_ADMIN_DSN"]
    kafka, saved = (
        KafkaOfOperator(bootstrap_servers=stack.env["KAFKA_BOOTSTRAP_SERVERS"]),
        (tmp_path / "offsets.jsonl"),
    )
    administrator = Administrator(stack)
    asked = await asyncio.to_thread(prepare, administrator, unit, "P14D")
    earlier, dump = datetime.now(UTC), tmp_path / "assessment.dump"
    saved.write_text(offsets.line(await offsets.read(kafka), earlier))
    dsn = urlsplit(admin)._replace(path="/assessment").geturl()
    await asyncio.to_thread(run_program, "pg_dump", dsn, "-Fc", "-f", str(dump))
    await asyncio.to_thread(start, administrator, asked)
    headers = signed_in(stack, "administrator")
    url = f"{stack.env['ASSESSMENT_URL']}/v1/rounds?unit_id={unit}"

    async def rounds() -> list[Any]:
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            found: list[Any] = (await http.get(url)).raise_for_status().json()["items"]
        return found

    def mails() -> list[tuple[str, str]]:
        lines = (stack.directory / "data" / "mailbox" / "messages.jsonl").read_text().splitlines()
        found = [(str(one["recipients"]), one["text"]) for one in map(json.loads, lines)]
        return [mail for mail in found if unit in mail[0]]

    (lost,) = await eventually(rounds, within=60)
    await eventually(lambda: asyncio.sleep(0, len(mails()) >= 2), within=60)
    had = mails()
    await asyncio.gather(*(stack.stop(name) for name in PROCESSES))
    await put_back(admin, dump)
    broker = ["--bootstrap-servers", stack.env["KAFKA_BOOTSTRAP_SERVERS"]]
    back = ["set-back", str(saved), "--at", earlier.isoformat(), "--service", "assessment"]
    await run_command(["servicekit.offsets", *broker, *back])
    await asyncio.gather(*(stack.start(name) for name in PROCESSES))
    assert await rounds() == []
    (missing,) = await differences(stack, unit)
    assert missing.startswith("missing round")
    assert missing.endswith("asked for again")
    (again,) = await eventually(rounds, within=60)
    assert again["round_id"] == lost["round_id"]
    assert again["closes_at"] > lost["closes_at"]  # people have all of its time again

    async def agreed() -> bool:
        assert await differences(stack, unit) == []
        return True

    await eventually(agreed, within=30)
    await asyncio.sleep(3)
    assert mails() == had


async def test_copies_of_units_and_the_library_agree_again(stack: Stack) -> None:
    unit, administrator = f"apart-{uuid4().hex[:8]}", Administrator(stack)
    later, lost = f"{unit}-later", f"{unit}-lost"
    await asyncio.to_thread(prepare, administrator, unit)
    content = await asyncpg.connect(stack.env["CONTENT_OWNER_DATABASE_URL"])
    workflow = await asyncpg.connect(stack.env["WORKFLOW_OWNER_DATABASE_URL"])

    async def copies() -> dict[str, int]:
        rows = await content.fetch("select * from units where unit_id like $1", f"{unit}%")
        return {row["unit_id"]: row["version"] for row in rows}

    async def arrived() -> Any:
        heard = "select count(*) from published_references where id = $1"
        return (await copies()).keys() == {unit, later} and await workflow.fetchval(heard, unit)

    async def problems() -> list[tuple[str, str]]:
        headers = await asyncio.to_thread(signed_in, stack, "administrator")
        url = f"{stack.env['WORKFLOW_URL']}/v1/open-problems?limit=200"
        async with httpx.AsyncClient(headers=headers, timeout=30) as http:
            items = (await http.get(url)).raise_for_status().json()["items"]
        return [(one["unit_id"], one["code"]) for one in items if one["unit_id"] == lost]

    async def agreed(left: list[str]) -> bool:
        assert await differences(stack, unit) == left
        return True

    try:
        await eventually(arrived, within=30)
        await content.execute("delete from units where unit_id = $1", unit)
        await content.execute("update units set version = 7 where unit_id = $1", later)
        await content.execute(
            "insert into units (unit_id, name, headcount, version) values ($1, 'Övning', 5, 1)",
            lost,
        )
        await workflow.execute("delete from published_references where id = $1", unit)
        todo = "It is known to content, and not registered: import it again."
        orphan = f"orphan unit: unit {lost}, {todo}"
        assert sorted(await differences(stack, unit)) == [
            f"contradictory unit: unit {later}, content: asked for again",
            f"missing instrument: {unit} 1: asked for again",
            f"missing unit: unit {unit}, content: asked for again",
            orphan,
        ]
        await eventually(lambda: agreed([orphan]), within=30)
        assert await copies() == {unit: 1, later: 8, lost: 1}
        assert await problems() == [(lost, "unit-lost")]
        await content.execute("delete from units where unit_id = $1", lost)
        assert await differences(stack, unit) == []
        assert await problems() == []
    finally:
        await content.execute("delete from units where unit_id = $1", lost)
        await content.close()
        await workflow.close()
