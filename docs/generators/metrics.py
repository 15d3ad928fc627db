"""docs/generated/metrics.md: what /metrics answers, servicekit's metrics and the services' own."""

import sys
from importlib import import_module
from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

from generators.settings import SERVICES


def _defined_in(package: str) -> set[MetricWrapperBase]:
    """The metrics that a package's modules define or import, as far as they are loaded."""
    modules = [m for name, m in sys.modules.items() if name.partition(".")[0] == package]
    members = [member for module in modules for member in vars(module).values()]
    return {member for member in members if isinstance(member, MetricWrapperBase)}


def _row(metric: MetricWrapperBase, service: str) -> str:
    family = next(iter(metric.describe()))
    suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
    labels = ", ".join(f"`{name}`" for name in metric._labelnames) or "-"
    name = f"`{family.name}{suffix}`"
    return f"| {name} | {family.type} | {labels} | {service} | {family.documentation} |"


def files(root: Path) -> dict[Path, str]:
    for service in SERVICES:
        import_module(f"{service}_service.bootstrap")
    shared = _defined_in("servicekit")
    rows = [_row(metric, "every") for metric in shared]
    for service in SERVICES:
        own = _defined_in(f"{service}_service") - shared
        rows += [_row(metric, service) for metric in own]
    lines = [
        "# Metrics",
        "",
        "Generated from the source. Every process serves `/metrics`.",
        "",
        "| name | type | labels | service | meaning |",
        "|---|---|---|---|---|",
        *sorted(rows),
    ]
    return {Path("docs/generated/metrics.md"): "\n".join(lines)}
