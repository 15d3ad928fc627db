"""The two systems outside the platform, each as a process of its own: subscriber and web server."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.api import Api, DemoError
from devstack import CHECKOUT
from devstack.processes import ProcessSpec, end, spawn

OWNER = "subscriber"
EVENT_TYPES = ("external.*",)
_START_SECONDS = 60.0
_HERE = Path(__file__).parent
_LISTENING = re.compile(r"^listening on (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Systems:
    """Where the two systems write down what they received."""

    directory: Path
    webhook_port: int

    @property
    def subscriber_log(self) -> Path:
        """What the subscriber printed."""
        return self.directory / "subscriber.log"

    @property
    def subscriber_events(self) -> Path:
        return self.directory / "subscriber.jsonl"

    @property
    def webhooks(self) -> Path:
        return self.directory / "webhooks.jsonl"


@asynccontextmanager
async def running(env: Mapping[str, str], stack: Path, directory: Path) -> AsyncIterator[Systems]:
    """Both processes for the length of a with-block. Raises DemoError when one does not start."""
    receiver_log, secret = directory / "webhook-receiver.log", directory / "webhook-secret"
    systems = Systems(directory, 0)
    receiver = ProcessSpec(
        "webhook-receiver",
        (
            *(sys.executable, str(_HERE / "webhook_receiver.py")),
            *("--secret-file", str(secret), "--out", str(systems.webhooks)),
        ),
    )
    subscriber = ProcessSpec(
        "subscriber",
        (
            *(sys.executable, "-I", str(_HERE / "subscriber.py")),
            *("--bootstrap", env["KAFKA_BOOTSTRAP_SERVERS"]),
            *("--catalogue", str(CHECKOUT / "docs/generated/asyncapi.json")),
            *("--schemas", str(CHECKOUT / "shared/contracts/schemas")),
            *("--out", str(systems.subscriber_events)),
        ),
    )
    started = []
    try:
        for spec, log in ((receiver, receiver_log), (subscriber, systems.subscriber_log)):
            started.append((spec, await spawn(spec, stack, log)))
        port = int((await _said(receiver_log, _LISTENING)).group(1))
        await _said(systems.subscriber_log, re.compile("^subscribed to", re.MULTILINE))
        yield Systems(directory, port)
    finally:
        for spec, process in started:
            await end(process, spec)


async def _said(log: Path, pattern: re.Pattern[str]) -> re.Match[str]:
    """Wait until a process has printed the line. Raises DemoError with what it printed instead."""
    try:
        async with asyncio.timeout(_START_SECONDS):
            while True:
                text = await asyncio.to_thread(_text, log)
                if found := pattern.search(text):
                    return found
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise DemoError(f"{log.stem} did not start; it said: {text[-500:] or 'nothing'}") from None


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8") if log.exists() else ""


async def subscribe(api: Api, systems: Systems) -> str:
    """Subscribe the web server to all external events; returns the subscription's id."""
    body = {
        "url": f"http://127.0.0.1:{systems.webhook_port}/um-events",
        "event_types": list(EVENT_TYPES),
    }
    answer = await api.post(OWNER, "notification", "/subscriptions", body, kind="subscription")
    secret = systems.directory / "webhook-secret"
    secret.touch(mode=0o600)
    secret.write_text(answer["secret"], encoding="utf-8")
    return str(answer["subscription_id"])
