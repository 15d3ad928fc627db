"""docs/generated/openapi/<service>.json: each service's HTTP API, OpenAPI 3.1."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from generators.settings import SERVICES, settings_class, variables

_PLACEHOLDERS = {
    "PORT": "1",
    "URL": "http://localhost",
    "DSN": "postgresql://nobody@localhost/none",
}


def _environment(service: str, root: Path) -> dict[str, str]:
    """Values for the required settings: enough to build the application, not to run it."""
    values = {f"{service.upper()}_ENVIRONMENT": "test"}
    for variable, _, required in variables(settings_class(service), f"{service.upper()}_"):
        if required:
            kind = variable.rpartition("_")[2]
            values[variable] = _PLACEHOLDERS.get(kind, "placeholder")
    return values


def document(service: str, root: Path) -> dict[str, Any]:
    """The service's OpenAPI document. Nothing is connected to."""
    with patch.dict(os.environ, _environment(service, root)):
        settings = settings_class(service)()
    app = import_module(f"{service}_service.bootstrap").build(settings)
    found: dict[str, Any] = app.api().openapi()
    return found


def files(root: Path) -> dict[Path, str]:
    return {
        Path(f"docs/generated/openapi/{service}.json"): json.dumps(
            document(service, root), indent=2, ensure_ascii=False
        )
        for service in SERVICES
    }
