"""docker-compose.yml restricts its containers, and variables alone make it fit for production."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract.test_compose import (
    Compose,
    Faults,
    change,
    interpolate,
    of_service,
    secrets,
    sets_what_is_read,
)

ROOT = Path(__file__).parents[2]


def filled(variables: dict[str, str]) -> Compose:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    result: Compose = interpolate(yaml.safe_load(text), secrets() | variables)
    return result


def restricts_every_container(compose: Compose) -> Faults:
    # What PostgreSQL needs to take over its volume and to become its own user.
    needed = {"postgres": {"CHOWN", "DAC_READ_SEARCH", "FOWNER", "SETGID", "SETUID"}}
    # These write their configuration into the image's folders when they start.
    writing = ("kafka", "temporal", "temporal-schema", "temporal-namespace", "temporal-ui")
    for name, service in compose["services"].items():
        if service.get("cap_drop") != ["ALL"] or set(service.get("cap_add", [])) != needed.get(
            name, set()
        ):
            yield f"{name} has more rights than it needs"
        if service.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{name} may gain rights"
        if not service.get("read_only") and name not in writing:
            yield f"{name} may write outside its volumes"
        if not {"max-size", "max-file"} <= service.get("logging", {}).get("options", {}).keys():
            yield f"{name} may fill the disk with its log"


def starts_samples_only_on_request(compose: Compose) -> Faults:
    samples = {"mailbox", "issuer"}
    for name, service in compose["services"].items():
        if (service.get("profiles") == ["samples"]) != (name in samples):
            yield f"{name} is or is not among the samples"
        if samples & service.get("depends_on", {}).keys():
            yield f"{name} waits for a sample"


RULES = (restricts_every_container, starts_samples_only_on_request)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_file_keeps_the_rule(rule: Callable[[Compose], Faults]) -> None:
    assert list(rule(filled({}))) == []


FAULTS = [
    (restricts_every_container, change("kafka", "cap_drop", to=[])),
    (restricts_every_container, change("temporal", "cap_add", to=["SYS_ADMIN"])),
    (restricts_every_container, change("mailbox", "security_opt", to=[])),
    (restricts_every_container, change("mailbox", "read_only", to=False)),
    (restricts_every_container, change("content-api", "logging", to={})),
    (starts_samples_only_on_request, lambda c: c["services"]["issuer"].pop("profiles")),
    (
        starts_samples_only_on_request,
        change("content-api", "depends_on", "issuer", to={"condition": "service_healthy"}),
    ),
]


@pytest.mark.parametrize(("rule", "plant"), FAULTS, ids=lambda item: item.__name__)
def test_the_rule_sees_a_planted_fault(
    rule: Callable[[Compose], Faults], plant: Callable[[Compose], Any]
) -> None:
    broken = copy.deepcopy(filled({}))
    plant(broken)
    assert list(rule(broken))


PRODUCTION = {
    "UM_ENVIRONMENT": "production",
    "PEOPLE_URL": "https://people.um.example.se",
    "PORTAL_URL": "https://um.example.se",
    "ISSUER_URL": "https://login.example.se",
    "SMTP_HOST": "mail.example.se",
    "SMTP_PORT": "587",
    "SMTP_SECURITY": "starttls",
    "MAIL_SENDER": "um@example.se",
    "ACCESSIBILITY_CONTACT": "um@example.se",
}


def in_production(variables: dict[str, str]) -> list[str]:
    """What the services' settings say against; the people service has an override file."""
    compose = filled(variables)
    for name in list(compose["services"]):
        if of_service(name) in (
            None,
            ("people", "api"),
            ("people", "worker"),
            ("people", "migrate"),
        ):
            del compose["services"][name]
    return list(sets_what_is_read(compose))


def test_variables_alone_make_it_fit_for_production() -> None:
    assert in_production(PRODUCTION) == []
    how_to = (ROOT / "infra" / "README.md").read_text(encoding="utf-8")
    assert [name for name in PRODUCTION if f"`{name}`" not in how_to] == []


@pytest.mark.parametrize("name", ["PEOPLE_URL", "PORTAL_URL", "SMTP_SECURITY"])
def test_a_missing_variable_of_production_is_seen(name: str) -> None:
    assert in_production({key: value for key, value in PRODUCTION.items() if key != name})
