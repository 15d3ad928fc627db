"""All of Kafka is deleted, and an operator does what docs/runbooks/lost-topics.md says."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chaos.final_read import SERVICES
from chaos.kills import Killer
from devstack import Stack
from devstack.credentials import load_secrets
from devstack.options import Layout
from devstack.service_env import kafka_passwords
from support.commands import run_command, settings_of

_BEHIND = "content-worker"
_BEHIND_SECONDS = 3
_REPLAYED = timedelta(days=29)


async def lose(stack: Stack, killer: Killer, replayed: Sequence[str] = SERVICES) -> None:
    """Kafka starts empty while a worker is behind, so that some events are lost unread.

    Then come the runbook's commands; only the services `replayed` publish their events again.
    """
    await stack.stop(_BEHIND)
    await asyncio.sleep(_BEHIND_SECONDS)
    await killer.delete("kafka")
    broker = ["--bootstrap-servers", stack.env["KAFKA_BOOTSTRAP_SERVERS"]]
    secrets = load_secrets(Layout(stack.directory))
    await _run(["servicekit.kafka_access", *broker, "apply"], kafka_passwords(secrets))
    await _run(["servicekit.topics", *broker])
    since = (datetime.now(UTC) - _REPLAYED).date().isoformat()
    for service in replayed:
        command = [f"{service}_service", "replay", "--since", since]
        await _run(command, settings_of(stack, service))
    await stack.start(_BEHIND)


async def _run(command: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
    last = await run_command(command, settings)
    print(f"          python -m {' '.join(command)}: {last}", flush=True)
