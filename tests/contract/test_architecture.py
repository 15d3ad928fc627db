"""The import rules hold, and each of them can fail."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("shared/*/src"), *ROOT.glob("services/*/src")]

# Each rule of pyproject.toml: the faults that break it, each a file and a line added to it.
FAULTS = {
    "services > servicekit > contracts, and services never meet": {
        "a service imports another": (
            "assessment_service/domain/round.py",
            "import content_service",
        ),
        "servicekit imports a service": ("servicekit/db.py", "import workflow_service"),
        "contracts import servicekit": ("contracts/envelope.py", "import servicekit"),
    },
    "inside each service": {
        "the domain imports its adapters": (
            "assessment_service/domain/round.py",
            "import assessment_service.adapters.tables",
        ),
        "an entrypoint imports the bootstrap": (
            "notification_service/entrypoints/http.py",
            "import notification_service.bootstrap",
        ),
        "an entrypoint imports the temporal layer": (
            "workflow_service/entrypoints/events.py",
            "import workflow_service.temporal.engine",
        ),
        "an adapter imports the temporal layer": (
            "workflow_service/adapters/peers.py",
            "import workflow_service.temporal.engine",
        ),
    },
    "rooms of the workflow service's domain": {
        "the journey room imports the rollout room": (
            "workflow_service/domain/journey/turn.py",
            "import workflow_service.domain.rollout.waves",
        ),
        "the template room imports the journey room": (
            "workflow_service/domain/template/template.py",
            "import workflow_service.domain.journey.turn",
        ),
    },
    "organisation imports no other room": {
        "the organisation room imports another": (
            "workflow_service/domain/organisation/unit.py",
            "import workflow_service.domain.template.template",
        ),
    },
    "no other room imports organisation": {
        "another room imports the organisation room": (
            "workflow_service/domain/rollout/pilot.py",
            "import workflow_service.domain.organisation.unit",
        ),
    },
    "rooms of the workflow service's use cases": {
        "a journey use case imports the rollout room": (
            "workflow_service/application/journey/handlers.py",
            "import workflow_service.application.rollout.handlers",
        ),
        "the ports import a room": (
            "workflow_service/application/ports.py",
            "import workflow_service.application.template.handlers",
        ),
    },
    "domain and application are free of I/O": {
        "the domain imports servicekit": (
            "notification_service/domain/message.py",
            "import servicekit.problems",
        ),
        "the application imports a library": (
            "content_service/application/handlers.py",
            "import sqlalchemy",
        ),
    },
    "contracts know pydantic only": {
        "contracts import a driver": ("contracts/envelope.py", "import asyncpg"),
    },
    "no cycles": {
        "modules of servicekit import each other": (
            "servicekit/settings.py",
            "import servicekit.db",
        ),
        "modules of a service's layer import each other": (
            "assessment_service/domain/round.py",
            "import assessment_service.domain.events",
        ),
    },
    "settings only in the composition root": {
        "settings leak into a layer": (
            "workflow_service/adapters/outbound.py",
            "import workflow_service.settings",
        ),
    },
    "only the relay and a redrive produce, only the consumer subscribes": {
        "a service produces by itself": (
            "content_service/adapters/tables.py",
            "from aiokafka import AIOKafkaProducer",
        ),
        "a service subscribes by itself": (
            "notification_service/entrypoints/events.py",
            "from faststream.kafka import KafkaBroker",
        ),
    },
}


def lint_imports(sources: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if sources:
        environment["PYTHONPATH"] = str(sources)
    return subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--config",
            ROOT / "pyproject.toml",
            "--no-cache",
        ],
        cwd=sources or ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_import_rules_hold() -> None:
    result = lint_imports()
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("sources")
    for source in SOURCES:
        shutil.copytree(source, target, dirs_exist_ok=True)
    return target


def test_every_rule_has_a_planted_fault() -> None:
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    rules = configuration["tool"]["importlinter"]["contracts"]
    assert sorted(FAULTS) == sorted(rule["name"] for rule in rules)
    assert all(FAULTS.values())


@pytest.mark.parametrize(
    ("rule", "fault"), [(rule, fault) for rule, faults in FAULTS.items() for fault in faults]
)
def test_a_planted_fault_breaks_its_rule(rule: str, fault: str, copied: Path) -> None:
    file, line = FAULTS[rule][fault]
    path = copied / file
    original = path.read_text()
    path.write_text(f"{original}\n{line}\n")
    try:
        result = lint_imports(copied)
    finally:
        path.write_text(original)
    assert result.returncode != 0, f"{fault}, and no rule is broken"
    assert f"{rule} BROKEN" in result.stdout, result.stdout
