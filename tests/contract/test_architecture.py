"""The import rules hold, and each of them can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("shared/*/src"), *ROOT.glob("services/*/src")]

FAULTS = {
    "a service imports another": ("assessment_service/domain/round.py", "import content_service"),
    "servicekit imports a service": ("servicekit/db.py", "import workflow_service"),
    "contracts import servicekit": ("contracts/envelope.py", "import servicekit"),
    "contracts import a driver": ("contracts/envelope.py", "import asyncpg"),
    "the domain imports its adapters": (
        "assessment_service/domain/round.py",
        "import assessment_service.adapters.tables",
    ),
    "the application imports a library": (
        "content_service/application/handlers.py",
        "import sqlalchemy",
    ),
    "an entrypoint imports the bootstrap": (
        "notification_service/entrypoints/http.py",
        "import notification_service.bootstrap",
    ),
    "settings leak into a layer": (
        "workflow_service/adapters/outbound.py",
        "import workflow_service.settings",
    ),
    "an entrypoint imports the temporal layer": (
        "workflow_service/entrypoints/events.py",
        "import workflow_service.temporal.engine",
    ),
    "an adapter imports the temporal layer": (
        "workflow_service/adapters/peers.py",
        "import workflow_service.temporal.engine",
    ),
    "the journey room imports the rollout room": (
        "workflow_service/domain/journey/turn.py",
        "import workflow_service.domain.rollout.waves",
    ),
    "the template room imports the journey room": (
        "workflow_service/domain/template/template.py",
        "import workflow_service.domain.journey.turn",
    ),
    "the organisation room imports another": (
        "workflow_service/domain/organisation/unit.py",
        "import workflow_service.domain.template.template",
    ),
    "another room imports the organisation room": (
        "workflow_service/domain/rollout/rules.py",
        "import workflow_service.domain.organisation.unit",
    ),
    "a journey use case imports the rollout room": (
        "workflow_service/application/journey/handlers.py",
        "import workflow_service.application.rollout.handlers",
    ),
    "the ports import a room": (
        "workflow_service/application/ports.py",
        "import workflow_service.application.template.handlers",
    ),
    "a service produces by itself": (
        "content_service/adapters/tables.py",
        "from aiokafka import AIOKafkaProducer",
    ),
    "a service subscribes by itself": (
        "notification_service/entrypoints/events.py",
        "from faststream.kafka import KafkaBroker",
    ),
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


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, copied: Path) -> None:
    file, line = FAULTS[fault]
    path = copied / file
    original = path.read_text()
    path.write_text(f"{original}\n{line}\n")
    try:
        result = lint_imports(copied)
    finally:
        path.write_text(original)
    assert result.returncode != 0, f"{fault} was not noticed"
    assert "BROKEN" in result.stdout, result.stdout
