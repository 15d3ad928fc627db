"""docs/generated/openapi/<service>.json: each service's HTTP API, OpenAPI 3.1."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from fastapi import FastAPI

from generators.settings import SERVICES, settings_class, variables

# By the last word of a variable's name; a value that the setting's own checks accept.
_PLACEHOLDERS = {
    "PORT": "1",
    "URL": "http://localhost",
    "ISSUER": "http://localhost",
    "SERVERS": "localhost:9092",
    "ADDRESS": "localhost:7233",
    "DSN": "postgresql://nobody@localhost/none",
    "SENDER": "um@example.se",
    "KEYS": '["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]',
    "PROVIDERS": '[{"name": "local", "issuer": "http://localhost", "audiences": ["um-platform"]}]',
}


def _environment(service: str) -> dict[str, str]:
    """Values for the required settings: enough to build the application, not to run it."""
    values = {f"{service.upper()}_ENVIRONMENT": "test"}
    for variable, _, required in variables(settings_class(service), f"{service.upper()}_"):
        if required:
            values[variable] = _PLACEHOLDERS.get(variable.rpartition("_")[2], "placeholder")
    return values


def app_of(service: str, **environment: str) -> Any:
    """The service's application, built but connected to nothing, or to what `environment` says."""
    with patch.dict(os.environ, _environment(service) | environment):
        settings = settings_class(service)()
    return import_module(f"{service}_service.bootstrap").build(settings)


def api_of(service: str) -> FastAPI:
    """The service's HTTP API."""
    api: FastAPI = app_of(service).api()
    return api


def files(root: Path) -> dict[Path, str]:
    return {
        Path(f"docs/generated/openapi/{service}.json"): json.dumps(
            api_of(service).openapi(), indent=2, ensure_ascii=False
        )
        for service in SERVICES
    }
