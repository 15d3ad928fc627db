"""All of Kafka is deleted, and an operator does what docs/runbooks/lost-topics.md says."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chaos.final_read import SERVICES
from chaos.kills import Killer
from devstack import Stack
from devstack.shell import operator_env
from support.commands import run_command

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
    await _run(["servicekit.kafka_access", *broker, "apply"], operator_env(stack))
    await _run(["servicekit.topics", *broker])
    since = (datetime.now(UTC) - _REPLAYED).date().isoformat()
    for service in replayed:
        command = [f"{service}_service", "replay", "--since", since]
        await _run(command, operator_env(stack))
    await stack.start(_BEHIND)


async def _run(command: Sequence[str], settings: Mapping[str, str] | None = None) -> None:
    last = await run_command(command, settings)
    print(f"          python -m {' '.join(command)}: {last}", flush=True)
