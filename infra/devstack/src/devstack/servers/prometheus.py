"""Prometheus, only if asked for: scrapes every process of the stack, evaluates the alert rules."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from devstack import probes
from devstack.artifacts import Report
from devstack.debian_package import program
from devstack.options import CHECKOUT
from devstack.processes import ProcessSpec
from devstack.servers import Server

CONFIGURATION = CHECKOUT / "infra" / "prometheus"
_FILES = ("prometheus.yml", "alerts.yml")


def server(data: Path, port: int, targets: Mapping[str, int], report: Report) -> Server:
    """Prometheus on `port`; `targets`: process > its port. Raises StackError.

    Its settings are those of an installation; only the addresses of the processes are others.
    """
    prometheus, url = program("prometheus", "prometheus", report), f"http://127.0.0.1:{port}"

    def configure() -> None:
        data.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copy(CONFIGURATION / name, data / name)
        (data / "targets.json").write_text(json.dumps(_targets(targets)), encoding="utf-8")

    argv = (
        *(prometheus, f"--config.file={data}/prometheus.yml", f"--storage.tsdb.path={data}/tsdb"),
        *(f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=7d"),
        *("--enable-feature=exemplar-storage", "--log.level=warn"),
    )
    spec = ProcessSpec(
        "prometheus", argv, probe=probes.http(f"{url}/-/ready"), url=url, before=configure
    )
    return Server("prometheus", {"PROMETHEUS_URL": url}, spec)


def _targets(ports: Mapping[str, int]) -> list[dict[str, object]]:
    """As Prometheus's file_sd_configs wants it, with the labels that the rules use."""
    found: list[dict[str, object]] = []
    for name, port in ports.items():
        service, _, role = name.partition("-")
        labels = {"service": service, "role": role}
        found.append({"targets": [f"127.0.0.1:{port}"], "labels": labels})
    return found
