"""What services find wrong is shown in the reader's language."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from assessment_service.domain import instrument as instruments
from assessment_service.domain.errors import DomainError as AssessmentError
from assessment_service.entrypoints.http.instrument_schemas import InstrumentBody
from content_service.domain import module as modules
from content_service.domain.errors import DomainError as ContentError
from content_service.domain.module import Module
from content_service.entrypoints.http.module_schemas import DraftBody
from portal_service.domain.durations import parts_of
from portal_service.domain.faults import OTHER, worded
from unit.portal import library_answers
from workflow_service.domain.errors import DomainError as WorkflowError
from workflow_service.domain.template.check import check
from workflow_service.domain.template.document import template_of
from workflow_service.entrypoints.http.template_schemas import TemplateDocument

EMPTY = {"sv": "", "en": " "}


def _details(error: Any) -> list[str]:
    if isinstance(error, ValidationError):
        return [str(one["msg"]).removeprefix("Value error, ") for one in error.errors()]
    return [one["detail"] for one in error.errors]


def _module(draft: dict[str, Any]) -> list[str]:
    with pytest.raises((ContentError, ValidationError)) as caught:
        modules.publish(Module("start", DraftBody.model_validate(draft).content()), None)  # type: ignore[arg-type]
    return _details(caught.value)


def test_every_fault_of_a_module() -> None:
    draft = library_answers.draft()
    film, kit = draft["items"]
    wrong = [
        {**draft, "items": []},
        {**draft, "title": EMPTY, "behaviours": ["creativity", "creativity"]},
        {**draft, "items": [{**film, "url": None}, film, {**kit, "variants": []}]},
        {**draft, "items": [{**film, "variants": kit["variants"]}]},
        {**draft, "items": [{**kit, "variants": [{"variant": "10", "steps": []}] * 2}]},
        {**draft, "items": [{**kit, "variants": [{**kit["variants"][0], "variant": "10"}]}]},
        {**draft, "length_minutes": "x", "behaviours": [], "phase": "x", "title": {"sv": 1}},
        {**draft, "length_minutes": 0, "title": {"sv": "x" * 301, "en": "a\u202eb"}},
        {**draft, "length_minutes": 1001, "unheard-of": 1, "items": [film] * 51},
    ]
    details = [detail for one in wrong for detail in _module(copy.deepcopy(one))]
    assert len(details) > 20
    assert [one for one in details if worded(one)[0] == OTHER] == []


def test_every_fault_of_an_instrument() -> None:
    good = library_answers.instrument()
    scale = good["scale"]
    item = good["items"][0]
    wrong = [
        {**good, "languages": ["sv", "sv"]},
        {**good, "scale": {**scale, "max": 0}},
        {**good, "scale": {**scale, "labels": scale["labels"][1:]}},
        {**good, "items": [item, {**item, "behaviour": "x"}], "missing_rule": {"min_answered": 9}},
        {**good, "items": [{**item, "text": {"sv": "x"}}], "version": "2"},
        {**good, "items": [{**item, "text": {"sv": " ", "en": ""}, "item_id": "Å"}]},
        {**good, "items": [], "source": ""},
    ]
    details = []
    for one in wrong:
        with pytest.raises((AssessmentError, ValidationError)) as caught:
            instruments.publish(InstrumentBody.model_validate(copy.deepcopy(one)).to_domain())
        details += _details(caught.value)
    # A pattern's message is put into words by servicekit.
    found = [one for one in details if worded(one)[0] == OTHER and "match pattern" not in one]
    assert (found, len(details) > 10) == ([], True)


def test_every_fault_of_a_template() -> None:
    good = library_answers.template_document()
    criterion = good["pilot_gate"]["criteria"][0]
    wrong: list[tuple[str, Any]] = [
        ("steps/preparation/min_duration", "P2Y"),
        ("steps/baseline/window", "P2Y"),
        ("steps/baseline/window", "P0D"),
        ("steps/baseline/window", "14"),
        ("steps/baseline/window", "P900Y"),
        ("steps/modules/module_ids", ["start", "start"]),
        ("steps/after_care/checkpoints", ["P6M", "P6M", "P9Y"]),
        ("pilot_gate/criteria", [{**criterion, "dry_run": True}, {**criterion, "dry_run": True}]),
        ("pilot_gate/criteria", [{**criterion, "pass_at_least": 0.7, "fail_below": -1}]),
        ("pilot_gate/criteria", [{**criterion, "fail_below": 70}]),
        ("pilot_gate/criteria", [{**criterion, "measure": "change_since_baseline"}]),
        (
            "pilot_gate/criteria",
            [{**criterion, "measure": "x", "dry_run": 1}],
        ),
        ("pilot_gate/criteria", [{**criterion, "pass_at_least": "x"}]),
        ("pilot_gate/criteria", {}),
        ("pilot_gate", []),
        ("waves", {"size": 0, "extra": 1}),
        ("waves/size", 900),
        ("name/sv", 7),
    ]
    details = []
    for place, value in wrong:
        document = copy.deepcopy(good)
        *above, last = place.split("/")
        inner = document
        for part in above:
            inner = inner[part]
        inner[last] = value
        with pytest.raises((WorkflowError, ValidationError)) as caught:
            check(template_of(TemplateDocument.model_validate(document).model_dump(mode="json")))
        details += _details(caught.value)
    assert len(details) > 20
    assert [one for one in details if worded(one)[0] == OTHER] == []


def test_what_nobody_knows_has_a_text_too() -> None:
    assert worded("Something new 100 %") == (OTHER, {})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("P14D", [("day", 14)]),
        ("P1Y6M", [("year", 1), ("month", 6)]),
        ("PT1H30M", [("hour", 1), ("minute", 30)]),
        ("P0D", [("day", 0)]),
        ("x", [("day", 0)]),
    ],
)
def test_a_duration_in_parts(text: str, parts: list[tuple[str, int]]) -> None:
    assert parts_of(text) == parts
