"""infra/grafana/*.json: dashboards for Grafana, from dashboards.toml beside them."""

import json
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path("infra/grafana")
SOURCE = Path(__file__).parents[2] / FOLDER / "dashboards.toml"
ONLY_ON_FAULT = "No data is good: shown only after a fault."
_COLUMNS, _WIDTH, _HEIGHT = 2, 12, 8
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}


def _panel(number: int, panel: dict[str, Any]) -> dict[str, Any]:
    row, column = divmod(number, _COLUMNS)
    targets = [
        {"refId": chr(ord("A") + n), "expr": expr, "legendFormat": legend, "exemplar": True}
        for n, (expr, legend) in enumerate(panel["queries"])
    ]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel["title"],
        "description": ONLY_ON_FAULT if panel.get("only_on_fault") else "",
        "datasource": _SOURCE,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel["unit"], "min": 0}, "overrides": []},
        "targets": targets,
    }


def _dashboard(described: dict[str, Any]) -> dict[str, Any]:
    return {
        "uid": f"um-{described['name']}",
        "title": described["title"],
        "tags": ["um-platform"],
        "schemaVersion": 39,
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(described["panel"])],
    }


def files(root: Path) -> dict[Path, str]:
    source = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return {
        FOLDER / f"{one['name']}.json": json.dumps(_dashboard(one), indent=1, ensure_ascii=False)
        for one in source["dashboard"]
    }
