"""The import rules hold, and each of them can fail."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [
    *ROOT.glob("shared/*/src"),
    *ROOT.glob("services/*/src"),
    ROOT / "infra/devstack/src",
    ROOT / "demo/src",
]
PURE_LAYERS = sorted(
    layer
    for name in ("domain", "application")
    for layer in ROOT.glob(f"services/*/src/*_service/{name}")
)

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
            "notification_service/entrypoints/http/messages.py",
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
    "the auditor knows nothing of the platform": {
        "the auditor imports the rule that it checks": (
            "auditor/audit.py",
            "import assessment_service.domain.privacy_rule",
        ),
    },
    "only the self-test knows the auditor": {
        "the release asks the auditor": (
            "assessment_service/adapters/vault.py",
            "import auditor.audit",
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
    "use cases of units know no other room's domain": {
        "a use case of units imports the journey room": (
            "workflow_service/application/organisation/handlers.py",
            "import workflow_service.domain.journey.turn",
        ),
    },
    "use cases of templates know no other room's domain": {
        "a use case of templates imports the rollout room": (
            "workflow_service/application/template/handlers.py",
            "import workflow_service.domain.rollout.waves",
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
    "only the temporal layer knows Temporal": {
        "an entrypoint imports Temporal": (
            "workflow_service/entrypoints/events.py",
            "from temporalio.client import Client",
        ),
        "another service imports Temporal": (
            "content_service/adapters/tables.py",
            "import temporalio.workflow",
        ),
    },
    "stack and demo know the services from outside only": {
        "the stack imports a service": ("devstack/plan.py", "import assessment_service.settings"),
        "the demo imports a service": ("demo/story.py", "import workflow_service.domain.errors"),
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


def imported(source: str) -> Iterator[str]:
    """The packages that a file imports, wherever in the file it does so."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def foreign_imports(source: str, own: str) -> set[str]:
    """Packages that are neither the standard library nor the service's own."""
    return set(imported(source)) - sys.stdlib_module_names - {own}


@pytest.mark.parametrize("layer", PURE_LAYERS, ids=lambda each: f"{each.parent.name}.{each.name}")
def test_domain_and_application_import_the_standard_library_only(layer: Path) -> None:
    files = sorted(layer.rglob("*.py"))
    found = {
        file.name: foreign
        for file in files
        if (foreign := foreign_imports(file.read_text(encoding="utf-8"), layer.parent.name))
    }
    assert len(files) > 1
    assert not found


def test_every_service_has_both_pure_layers() -> None:
    assert len(PURE_LAYERS) == 2 * len(list(ROOT.glob("services/*")))


@pytest.mark.parametrize(
    ("planted", "foreign"),
    [
        ("import yaml", "yaml"),
        ("from orjson import dumps", "orjson"),
        ("def late():\n    import contracts.envelope", "contracts"),
        ("from content_service.domain import module", "content_service"),
        ("from . import unit", ""),
    ],
)
def test_a_foreign_import_is_found(planted: str, foreign: str) -> None:
    original = (ROOT / "services/workflow/src/workflow_service/domain/calendar.py").read_text()
    assert foreign_imports(f"{original}\n{planted}\n", "workflow_service") == {foreign}
