"""Temporal's development server from the wheel: database file on disk, web UI, loopback only."""

import sys
from pathlib import Path

from devstack import probes
from devstack.options import StackError
from devstack.processes import ProcessSpec
from devstack.servers import Server


def executable() -> str:
    """The `temporal` command of this environment; raises StackError when it is not installed."""
    path = Path(sys.prefix) / "bin" / "temporal"
    if not path.exists():
        raise StackError(f"{path} is missing: run 'make setup'")
    return str(path)


def server(data: Path, port: int, ui_port: int) -> Server:
    """Temporal on `port` with its UI on `ui_port`; committed history outlives kill -9."""
    temporal, address = executable(), f"127.0.0.1:{port}"
    ui = f"http://127.0.0.1:{ui_port}"
    argv = (
        *(temporal, "server", "start-dev", "--log-level", "warn"),
        *("--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port)),
        *("--db-filename", str(data / "temporal.db"), "--ui-disable-news-fetch"),
        *("--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL"),
    )
    describe = ("operator", "namespace", "describe", "--namespace", "default")
    spec = ProcessSpec(
        name="temporal",
        argv=argv,
        probe=probes.command(temporal, *describe, "--address", address),
        url=ui,
        before=lambda: data.mkdir(parents=True, exist_ok=True),
    )
    return Server("temporal", {"TEMPORAL_ADDRESS": address, "TEMPORAL_UI_URL": ui}, spec)
