"""Every setting of every service with every kind of wrong value: the service does not start, and
says which setting is wrong, without its value. The list follows from the settings classes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from unittest.mock import patch

import pytest
from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsError

from generators.settings import SERVICES, settings_class, variables
from servicekit.settings import what_is_wrong

ALL = (*SERVICES, "portal")
MARK = "hunter2"
"""In each value that is no number: it must not be shown."""
NOTHING = None
"""The variable is not set."""
FREE = {"USERNAME", "SCOPE", "CONTACT", "SENDER_NAME", "SASL_USERNAME", "API_KEY", "SASL_MECHANISM"}
"""By the last part of the name: any text, or none."""


_KEY = "bm90IGEgc2VjcmV0LCBhIHZhbHVlIG9mIGEgdGVzdC4="  # 32 bytes
_ISSUER = "https://idp.region.se"
_PRODUCTION = {
    "PORT": "1",
    "ISSUER": _ISSUER,
    "URL": "https://platform.region.se",
    "DSN": "postgresql://api:ohTh3eiz@localhost/none",
    "MECHANISM": "SCRAM-SHA-512",
    "SENDER": "um@region.se",
    "SECRET": "ohTh3eizAexei8ie",
    "KEY": _KEY,
    "KEYS": json.dumps([_KEY]),
    "PROVIDERS": json.dumps([{"name": "idp", "issuer": _ISSUER, "audiences": ["um-platform"]}]),
    "SECURITY": "tls",
    "CONTACT": "um@region.se",
    "ADDRESS": "temporal:7233",
    "SERVERS": "kafka:9092",
}
"""By the last word of a variable's name."""
_ALSO = ("SMTP__SECURITY", "AUDIT__SIGNING_KEYS", "ACCESSIBILITY_CONTACT", "CODES__PORTAL_URL")
"""Needed in production only."""


def production_environment(service: str) -> dict[str, str]:
    """Right values of what must be set."""
    values = {}
    for variable, _, required in variables(settings_class(service), f"{service.upper()}_"):
        if required or variable.endswith(_ALSO):
            values[variable] = _PRODUCTION.get(variable.rpartition("_")[2], "x")
    values[f"{service.upper()}_AUTH__ISSUER"] = "https://people.region.se"
    return values


@dataclass(frozen=True)
class Defect:
    """A wrong value of a variable; `said` is what names it, if not the variable itself."""

    kind: str
    variable: str
    value: str | None
    said: str = ""


def _plain(annotation: Any) -> Any:
    """Without Annotated, and without None."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return _plain(next(one for one in get_args(annotation) if one is not type(None)))
    return annotation


def _of_kind(annotation: Any) -> str:
    """What is no value of this type."""
    plain = _plain(annotation)
    if get_origin(plain) in (tuple, list, dict):
        return f"[{MARK}"
    return MARK


def _defects(variable: str, field: FieldInfo, required: bool) -> Iterator[Defect]:
    plain = _plain(field.annotation)
    block, delimiter, last = variable.rpartition("__")
    if required:
        yield Defect("missing", variable, NOTHING, block or variable)
    if delimiter:
        yield Defect("unknown", f"{variable}X", MARK)
    for limit in field.metadata:
        for name, step in (("ge", -1), ("gt", 0), ("le", 1), ("lt", 0)):
            if (bound := getattr(limit, name, None)) is not None:
                yield Defect("out of bounds", variable, str(bound + step))
    if plain in (int, float, bool) or get_origin(plain) in (Literal, tuple, list, dict):
        yield Defect("another type", variable, _of_kind(plain))
    if plain is Path and "file" in str(field.annotation):
        yield Defect("no file", variable, f"/no/{MARK}")
    if last.endswith(("DSN", "URL", "ISSUER", "ENDPOINT")):
        yield Defect("another scheme", variable, f"gopher://{MARK}:{MARK}@localhost/{MARK}")
    if last.endswith(("SERVERS", "ADDRESS")):
        yield Defect("another scheme", variable, f"gopher://{MARK}")
        yield Defect("no port", variable, MARK)
    if last.endswith("PUBLIC_KEY"):
        yield Defect("no key", variable, MARK)
    if plain is str and not _is_optional(field.annotation) and last not in FREE:
        yield Defect("empty", variable, "")
    if plain is SecretStr and last.endswith(("SECRET", "PASSWORD", "DSN")):
        value = f"postgresql://x:changeme@{MARK}/x" if last.endswith("DSN") else "changeme"
        yield Defect("well-known", variable, value)
    if get_origin(plain) is tuple and SecretStr in get_args(plain):
        yield Defect("a well-known key", variable, json.dumps(["changeme" + MARK * 8]))
        yield Defect("a key of one character", variable, json.dumps(["A" * 43 + "="]))


def _is_optional(annotation: Any) -> bool:
    return type(None) in get_args(annotation)


def _every_defect(service: str) -> list[Defect]:
    found = variables(settings_class(service), f"{service.upper()}_")
    unknown = Defect("unknown block", f"{service.upper()}_KAFKAA__BOOTSTRAP_SERVERS", MARK)
    return [unknown, *(defect for entry in found for defect in _defects(*entry))]


def _said(service: str, defect: Defect) -> list[str]:
    """What the service says about it before it ends; empty if it would start."""
    environment = production_environment(service)
    if defect.value is None:
        del environment[defect.variable]
    else:
        environment[defect.variable] = defect.value
    if "SASL" in defect.variable:  # Their values are looked at only where there is a login.
        prefix = f"{service.upper()}_KAFKA__"
        login = {"SASL_USERNAME": "x", "SASL_PASSWORD": "abcdefgh", "SECURITY_PROTOCOL": "SASL_SSL"}
        environment = {f"{prefix}{name}": value for name, value in login.items()} | environment
    with patch.dict(os.environ, environment, clear=True):
        try:
            settings_class(service)()
        except (ValidationError, SettingsError) as error:
            return what_is_wrong(f"{service.upper()}_", error)
    return []


@pytest.mark.parametrize("service", ALL)
def test_the_settings_to_change_are_right(service: str) -> None:
    assert _said(service, Defect("", f"{service.upper()}_ENVIRONMENT", "production")) == []


@pytest.mark.parametrize("service", ALL)
def test_each_wrong_setting_is_named_without_its_value(service: str) -> None:
    wrong = []
    for defect in _every_defect(service):
        lines = _said(service, defect)
        name = defect.said or defect.variable
        named = [line for line in lines if line.startswith(name) or _of_block(name, line)]
        if not named or MARK in "".join(lines).replace(defect.variable, ""):
            wrong.append((defect.kind, defect.variable, lines))
    assert wrong == []


def _of_block(variable: str, line: str) -> bool:
    """Whether the line names the block, or the list, and then the part of it."""
    place, _, said = line.partition(":")
    block, _, last = variable.rpartition("__")
    return place.startswith(variable) or (place == block and last in said.split()[0])


@pytest.mark.parametrize("service", ALL)
def test_each_setting_has_a_wrong_value(service: str) -> None:
    """But for those that may be any text."""
    found = list(variables(settings_class(service), f"{service.upper()}_"))
    without = {
        variable.removeprefix(f"{service.upper()}_")
        for variable, field, required in found
        if all(defect.kind == "unknown" for defect in _defects(variable, field, required))
    }
    assert {name for name in without if name.rpartition("__")[2] not in FREE} == set()


def _end_of_process(service: str) -> tuple[int, str, float]:
    """(exit code, what it said, seconds of a processor) of a process with a wrong pool."""
    variable = f"{service.upper()}_DB__POOL_SIZE"
    environment = {**os.environ, **production_environment(service), variable: MARK}
    role = "web" if service == "portal" else "api"
    process = subprocess.Popen(
        [sys.executable, "-m", f"{service}_service", role],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    said = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, used.ru_utime + used.ru_stime


def test_each_process_ends_within_five_seconds() -> None:
    """Of a processor: others may be at work on this machine."""
    with ThreadPoolExecutor(2) as two_at_once:
        ends = dict(zip(ALL, two_at_once.map(_end_of_process, ALL), strict=True))
    for service, (code, said, seconds) in ends.items():
        expected = f"setting {service.upper()}_DB__POOL_SIZE: Input should be a valid integer"
        assert said.startswith(expected), said
        assert said.count("\n") == 1
        assert code == 2
        assert seconds < 5
