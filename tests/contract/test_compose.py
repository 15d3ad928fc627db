"""docker-compose.yml agrees with the code: names, files, ports, commands, settings.

No engine is needed. Each rule returns the faults that it sees, and is shown to see a planted one.
"""

import copy
import importlib
import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from compose_spec.models import ComposeSpecification, Service
from pydantic import ValidationError

from devstack import containers
from devstack.options import ROLES
from devstack.service_env import PROCESSES

ROOT = Path(__file__).parents[2]
SECRETS = ROOT / "infra" / "docker" / "new_secrets.py"
DOCKERFILE = ROOT / "infra" / "docker" / "Dockerfile"
Compose = dict[str, Any]
Faults = Iterator[str]


@cache
def secrets() -> dict[str, str]:
    """What the file requires from its environment, as an operator makes it; do not change it."""
    answer = subprocess.run([sys.executable, SECRETS], capture_output=True, text=True, check=True)
    lines = (line.split("=", 1) for line in answer.stdout.splitlines())
    return {name: value.strip("'") for name, value in lines}


def interpolate(node: Any, variables: dict[str, str]) -> Any:
    """Fill in ${NAME:-default} and ${NAME:?message} as Compose does: in each string, after
    parsing. KeyError if a required one is missing."""
    if isinstance(node, dict):
        return {key: interpolate(value, variables) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolate(item, variables) for item in node]
    if not isinstance(node, str):
        return node

    def value(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        return variables.get(name, rest) if kind == ":-" else variables[name]

    return re.sub(r"\$\{(\w+)(?:(:-|:\?)([^}]*))?\}", value, node)


@pytest.fixture(scope="module")
def compose() -> Compose:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    filled: Compose = interpolate(yaml.safe_load(text), secrets())
    return filled


def of_service(name: str) -> tuple[str, str] | None:
    """(service, role) of one of our own processes or migrations."""
    first, _, second = name.partition("-")
    if first == "migrate":
        return second, "migrate"
    return (first, second) if first in ROLES else None


def follows_the_schema(compose: Compose) -> Faults:
    plain = {key: value for key, value in compose.items() if not key.startswith("x-")}
    try:
        ComposeSpecification.model_validate(plain)
    except ValidationError as error:
        yield str(error)
    for name, service in compose["services"].items():  # the model takes unknown keys
        unknown = set(service) - {field.alias or key for key, field in Service.model_fields.items()}
        if unknown:
            yield f"{name}: unknown {unknown}"


def names_what_exists(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        for other in service.get("depends_on", {}):
            if other not in compose["services"]:
                yield f"{name} depends on {other}, which is not there"
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            known = (
                (ROOT / source).is_file()
                if source.startswith(".")
                else source in compose["volumes"]
            )
            if not known:
                yield f"{name}: {source} does not exist"
        build = service.get("build")
        if build and not (ROOT / build["context"] / build["dockerfile"]).is_file():
            yield f"{name}: no {build['dockerfile']}"
        if build and f" AS {build['target']}\n" not in DOCKERFILE.read_text(encoding="utf-8"):
            yield f"{name}: the Dockerfile has no stage {build['target']}"


def has_every_process(compose: Compose) -> Faults:
    jobs = [f"migrate-{service}" for service in ROLES]
    for name in (*PROCESSES, *jobs, "topics", "kafka-access", "kafka-certificate"):
        if name not in compose["services"]:
            yield f"{name} is missing"


def runs_what_exists(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        command = service.get("command", [])
        if command[:2] != ["python", "-m"]:
            continue
        try:
            found = importlib.util.find_spec(command[2])
        except ModuleNotFoundError:
            found = None
        if found is None:
            yield f"{name}: there is no module {command[2]}"
        ours = of_service(name)
        if ours and command[2:] != [f"{ours[0]}_service", ours[1]]:
            yield f"{name} runs {command[2:]}"


def publishes_only_on_loopback(compose: Compose) -> Faults:
    people = {
        "temporal-ui",
        "mailbox",
        "prometheus",
        "issuer",
        *(f"{service}-{roles[0]}" for service, roles in ROLES.items()),
    }
    taken: dict[str, str] = {}
    for name, service in compose["services"].items():
        for published in service.get("ports", []):
            host, _, rest = published.partition(":")
            port, _, inside = rest.partition(":")
            if host != "127.0.0.1" or name not in people:
                yield f"{name} publishes {published}"
            if taken.setdefault(port, name) != name:
                yield f"{name} and {taken[port]} both publish {port}"
            if of_service(name) and inside != own_port(name, service):
                yield f"{name} publishes {inside} but listens on {own_port(name, service)}"


def own_port(name: str, service: Compose) -> str:
    return str(service["environment"].get(f"{name.partition('-')[0].upper()}_HTTP__PORT"))


def is_bounded_and_watched(compose: Compose) -> Faults:
    image_checks = "HEALTHCHECK" in DOCKERFILE.read_text(encoding="utf-8")
    for name, service in compose["services"].items():
        if "limits" not in service.get("deploy", {}).get("resources", {}):
            yield f"{name} has no resource limits"
        one_shot = str(service.get("restart")).startswith("on-failure")
        ours = service["image"].startswith("um-platform") and image_checks
        # These two images have no tool for a health check; nothing waits for them.
        silent = name in ("temporal-ui", "mailbox")
        if not (one_shot or ours or silent or "healthcheck" in service):
            yield f"{name} has no healthcheck"
        for other, how in service.get("depends_on", {}).items():
            job = str(compose["services"].get(other, {}).get("restart")).startswith("on-failure")
            wanted = "service_completed_successfully" if job else "service_healthy"
            if how.get("condition") != wanted:
                yield f"{name} does not wait until {other} is {wanted}"
        checked = re.search(r"127\.0\.0\.1:(\d+)/", str(service.get("healthcheck")))
        if checked and checked.group(1) != service["environment"]["ISSUER_PORT"]:
            yield f"{name}'s healthcheck asks port {checked.group(1)}"


def dumps_no_memory(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        if of_service(name) and service.get("ulimits", {}).get("core") != 0:
            yield f"{name} may write core dumps"


# Images whose digest is not known to the project: the tag alone pins them.
WITHOUT_DIGEST = {"apache/kafka", "temporalio/ui"}


def pins_its_images(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        image, _, rest = service["image"].partition(":")
        tag, _, digest = rest.partition("@")
        exact = re.fullmatch(r"sha256:[0-9a-f]{64}", digest) or image in WITHOUT_DIGEST
        if tag != "local" and not (exact and re.search(r"\d", tag)):
            yield f"{name}: {image} is not pinned"
    for name in ("postgres", "kafka"):
        if compose["services"][name]["image"].partition("@")[0] != containers.IMAGES[name]:
            yield f"{name} is another image than the one of `make up`"


def setting_names(settings: Any, prefix: str) -> Iterator[str]:
    """Every environment name that a settings class, or a block of it, reads."""
    for name, field in settings.model_fields.items():
        full = f"{prefix}{name.upper()}"
        yield full
        if hasattr(field.annotation, "model_fields"):
            yield from setting_names(field.annotation, f"{full}__")


OF_THE_SYSTEM = {"GLIBC_TUNABLES"}


def sets_what_is_read(compose: Compose) -> Faults:
    for name, service in compose["services"].items():
        ours = of_service(name)
        if ours is None:
            continue
        module = importlib.import_module(f"{ours[0]}_service.settings")
        prefix = f"{ours[0].upper()}_"
        known = set(setting_names(module.Settings, prefix))
        yield from (
            f"{name}: no setting {key}"
            for key in service["environment"]
            if key not in known and key not in OF_THE_SYSTEM
        )
        with pytest.MonkeyPatch.context() as patch:
            for key, value in service["environment"].items():
                if value is not None:  # given only if Compose's own environment has it
                    patch.setenv(key, __file__ if key.endswith("_CA_FILE") else str(value))
            try:
                module.Settings()
            except ValidationError as error:
                yield f"{name}: {error}"


def reaches_what_listens(compose: Compose) -> Faults:
    services = compose["services"]
    listening = {"postgres": "5432", "kafka": "9092", "temporal": "7233", "mailbox": "1025"}
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if not of_service(name) or not key.endswith(("URL", "DSN", "SERVERS", "ADDRESS")):
                continue
            place = urlsplit(value).netloc.rpartition("@")[2] if "//" in value else value
            host, _, port = place.partition(":")
            if host == "127.0.0.1":
                continue  # what a person's browser opens
            expected = listening.get(host) or own_port(
                host, services.get(host, {"environment": {}})
            )
            if host not in services or port != expected:
                yield f"{name}: {key} points to {place}, where nothing listens"


def logs_in_to_kafka_as_itself(compose: Compose) -> Faults:
    passwords = compose["services"]["kafka-access"]["environment"]
    for name, service in compose["services"].items():
        if (ours := of_service(name)) is None:
            continue
        prefix = f"{ours[0].upper()}_KAFKA__"
        given = {key: service["environment"].get(prefix + key) for key in KAFKA_LOGIN}
        if given != {"SECURITY_PROTOCOL": "SASL_SSL", "SASL_USERNAME": ours[0]}:
            yield f"{name} comes to Kafka as {given}"
        password = f"{prefix}SASL_PASSWORD"
        if service["environment"].get(password) != passwords.get(password):
            yield f"{name} has another password than its account"


KAFKA_LOGIN = ("SECURITY_PROTOCOL", "SASL_USERNAME")
RULES = (
    follows_the_schema,
    names_what_exists,
    has_every_process,
    runs_what_exists,
    publishes_only_on_loopback,
    is_bounded_and_watched,
    dumps_no_memory,
    pins_its_images,
    sets_what_is_read,
    reaches_what_listens,
    logs_in_to_kafka_as_itself,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_file_keeps_the_rule(compose: Compose, rule: Callable[[Compose], Faults]) -> None:
    assert list(rule(compose)) == []


def change(*path: str, to: Any) -> Callable[[Compose], None]:
    def apply(compose: Compose) -> None:
        place = compose["services"]
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return apply


WORKER = ("assessment-worker", "environment")
FAULTS = [
    (follows_the_schema, change("kafka", "restart", to=["always"])),
    (follows_the_schema, change("kafka", "imagee", to="apache/kafka")),
    (names_what_exists, change("topics", "depends_on", to={"kafkaa": {}})),
    (names_what_exists, change("kafka", "volumes", to=["elsewhere:/data"])),
    (names_what_exists, change("kafka", "volumes", to=["./infra/absent.sh:/x:ro"])),
    (names_what_exists, change("topics", "build", "target", to="absent")),
    (has_every_process, lambda compose: compose["services"].pop("workflow-temporal")),
    (runs_what_exists, change("topics", "command", to=["python", "-m", "servicekit.absent"])),
    (
        runs_what_exists,
        change("content-api", "command", to=["python", "-m", "content_service", "worker"]),
    ),
    (publishes_only_on_loopback, change("content-api", "ports", to=["8002:8000"])),
    (publishes_only_on_loopback, change("content-api", "ports", to=["127.0.0.1:8001:8000"])),
    (publishes_only_on_loopback, change("content-api", "ports", to=["127.0.0.1:8002:80"])),
    (publishes_only_on_loopback, change("postgres", "ports", to=["127.0.0.1:5432:5432"])),
    (is_bounded_and_watched, change("kafka", "deploy", to={})),
    (is_bounded_and_watched, lambda compose: compose["services"]["kafka"].pop("healthcheck")),
    (is_bounded_and_watched, change("topics", "depends_on", "kafka", to={})),
    (is_bounded_and_watched, change("issuer", "environment", "ISSUER_PORT", to="80")),
    (dumps_no_memory, change("assessment-api", "ulimits", to={})),
    (pins_its_images, change("kafka", "image", to="apache/kafka:latest")),
    (pins_its_images, change("postgres", "image", to="postgres:17.1")),
    (pins_its_images, change("temporal", "image", to="temporalio/server:1.31.2")),
    (sets_what_is_read, change(*WORKER, "ASSESSMENT_DB__DNS", to="x")),
    (sets_what_is_read, change(*WORKER, "ASSESSMENT_ENVIRONMENT", to="production")),
    (sets_what_is_read, lambda c: c["services"][WORKER[0]][WORKER[1]].pop("ASSESSMENT_DB__DSN")),
    (reaches_what_listens, change(*WORKER, "ASSESSMENT_KAFKA__BOOTSTRAP_SERVERS", to="kafka:9")),
    (logs_in_to_kafka_as_itself, change(*WORKER, "ASSESSMENT_KAFKA__SASL_USERNAME", to="people")),
    (logs_in_to_kafka_as_itself, change(*WORKER, "ASSESSMENT_KAFKA__SASL_PASSWORD", to="another")),
    (reaches_what_listens, change(*WORKER, "ASSESSMENT_AUTH__ISSUER_URL", to="http://absent:1")),
]


@pytest.mark.parametrize(("rule", "plant"), FAULTS, ids=lambda item: item.__name__)
def test_the_rule_sees_a_planted_fault(
    compose: Compose, rule: Callable[[Compose], Faults], plant: Callable[[Compose], Any]
) -> None:
    broken = copy.deepcopy(compose)
    plant(broken)
    assert list(rule(broken))


def test_every_name_in_the_brokers_properties_is_filled_in() -> None:
    kafka = ROOT / "infra" / "kafka"
    named = re.findall(r"\$\{(\w+)\}", (kafka / "server.properties").read_text(encoding="utf-8"))
    filled = re.findall(r"s\|\$\{(\w+)\}\|", (kafka / "start.sh").read_text(encoding="utf-8"))
    assert set(named) == set(filled)


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.prefix) / "bin" / "hadolint"
    return subprocess.run([tool, path], capture_output=True, text=True)


def test_the_dockerfile_is_clean_and_a_fault_is_seen(tmp_path: Path) -> None:
    assert hadolint(DOCKERFILE).stdout == ""
    broken = tmp_path / "Dockerfile"
    broken.write_text("FROM python:latest\nRUN cd /tmp && pip install uv\n")
    assert hadolint(broken).returncode != 0


def test_a_missing_secret_is_seen() -> None:
    with pytest.raises(KeyError):
        interpolate("${PORTAL_SESSIONS__KEYS:?see infra/README.md}", {})
