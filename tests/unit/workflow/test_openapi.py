"""What the API's document says, where a program would trip over it."""

import json
import re
from collections.abc import Iterator
from typing import Any

import workflow_service
from support.databases import SERVICES

DOCS = SERVICES.parent / "docs" / "generated" / "openapi"
DOCUMENT = json.loads((DOCS / "workflow.json").read_text())


def examples(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key in ("example", "examples"))
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from examples(each)


def numbers(node: Any) -> Iterator[Any]:
    if isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from numbers(each)
    elif isinstance(node, int | float):
        yield node


def test_whole_numbers_in_examples_have_no_decimals() -> None:
    found = [number for example in examples(DOCUMENT) for number in numbers(example)]
    assert found
    assert [number for number in found if isinstance(number, float)] == []


def test_texts_name_routes_with_their_version() -> None:
    (package,) = workflow_service.__path__
    sources = (SERVICES.parent / package).rglob("*.py")
    unversioned = re.compile(r"\b(GET|POST|PUT|DELETE) (?!/v1/)[/.]\S+")
    found = [line for path in sources for line in path.read_text().splitlines()]
    assert [line for line in found if unversioned.search(line)] == []
