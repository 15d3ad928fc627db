"""Every route that changes something opens its unit of work for its caller, to be noted.

That each leaves its line is checked by tests/integration/<service>/test_audit.py.
"""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from generators.openapi import api_of
from generators.settings import SERVICES
from support.audit import NOT_NOTED, changing_routes

_OPENED = re.compile(r"uow\(\w*\)(\.by\(caller\))?")


def sources(function: Any) -> Iterator[str]:
    """Of the function, and of its module's own coroutine functions that it calls."""
    yield inspect.getsource(function)
    for name in function.__code__.co_names:
        called = function.__globals__.get(name)
        if name.startswith("_") and inspect.iscoroutinefunction(called):
            yield inspect.getsource(called)


@pytest.mark.parametrize("service", SERVICES)
def test_what_changes_something_is_done_for_its_caller(service: str) -> None:
    for action, route in changing_routes(api_of(service)):
        if action in NOT_NOTED:
            continue
        opened = [
            for_caller for part in sources(route.endpoint) for for_caller in _OPENED.findall(part)
        ]
        assert opened, f"{action} opens no unit of work"
        assert all(opened), f"{action} opens a unit of work without .by(caller)"
