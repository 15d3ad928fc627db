"""A process that is asked to stop ends soon, whatever its trace collector does.

Run as a script, this file is that process: it leaves spans to send while it stops.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from servicekit import telemetry
from servicekit.runtime import Component, service_main
from servicekit.settings import ServiceSettings, service_config
from support.otlp import OtlpSink

TESTS = Path(__file__).parents[2]


class Settings(ServiceSettings):
    """Settings of the process."""

    model_config = service_config("SAMPLE_")
    spans: int


class Traced:
    """An application whose only part makes its spans when it has to stop."""

    def __init__(self, settings: Settings) -> None:
        self._spans = settings.spans

    def components(self, roles: Sequence[str]) -> list[Component]:
        return [self]

    async def run(self, stop: asyncio.Event) -> None:
        print("ready", flush=True)
        await stop.wait()
        for number in range(self._spans):
            with telemetry.span(f"span {number}"):
                pass

    async def close(self) -> None:
        return


@contextmanager
def refusing() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


@contextmanager
def silent() -> Iterator[str]:
    """It takes connections and bytes, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def stopped(endpoint: str, spans: int) -> tuple[int, float, str]:
    """The exit code, the seconds from SIGTERM to the end, and the output."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")]),
        "SAMPLE_ENVIRONMENT": "test",
        "SAMPLE_DB__DSN": "postgresql://nobody:x@127.0.0.1:9/nothing",
        "SAMPLE_KAFKA__BOOTSTRAP_SERVERS": "nowhere:9092",
        "SAMPLE_HTTP__PORT": "1",
        "SAMPLE_AUTH__ISSUER": "http://nowhere",
        "SAMPLE_TELEMETRY__OTLP_ENDPOINT": endpoint,
        "SAMPLE_SPANS": str(spans),
    }
    with subprocess.Popen(
        [sys.executable, __file__, "worker"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=60)
        return process.returncode, time.monotonic() - asked, output


@pytest.mark.parametrize("spans", [10, 2_000])
@pytest.mark.parametrize("collector", [refusing, silent])
def test_a_collector_that_does_not_answer_does_not_hold_the_process(
    collector: Callable[[], AbstractContextManager[str]], spans: int
) -> None:
    with collector() as endpoint:
        code, seconds, output = stopped(endpoint, spans)
    print(f"{seconds:.1f} s", output)
    assert code == 0
    assert seconds < 6
    assert "spans are lost" in output


def test_what_is_buffered_reaches_a_collector_that_answers() -> None:
    with OtlpSink().serving() as sink:
        code, seconds, output = stopped(sink.endpoint, 2_000)
    print(f"{seconds:.1f} s", output)
    assert code == 0
    assert {span.name for span in sink.spans} == {f"span {number}" for number in range(2_000)}


if __name__ == "__main__":
    service_main("sample", Settings, Traced, Path("no migrations"))
