"""docs/generated/metrics.md: what /metrics tells."""

from pathlib import Path

from prometheus_client.metrics import MetricWrapperBase

import servicekit.metrics


def files(root: Path) -> dict[Path, str]:
    lines = [
        "# Metrics",
        "",
        "Generated from `servicekit.metrics`; every process serves them at `/metrics`.",
        "",
        "| name | type | labels | meaning |",
        "|---|---|---|---|",
    ]
    for metric in vars(servicekit.metrics).values():
        if isinstance(metric, MetricWrapperBase):
            family = next(iter(metric.describe()))
            suffix = "_total" if family.type == "counter" else ""
            labels = ", ".join(f"`{name}`" for name in metric._labelnames) or "-"
            lines.append(
                f"| `{family.name}{suffix}` | {family.type} | {labels} | {family.documentation} |"
            )
    return {Path("docs/generated/metrics.md"): "\n".join(lines)}
