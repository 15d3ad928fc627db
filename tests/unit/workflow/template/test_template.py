"""A template is read whole: every error with its JSON pointer, or frozen data."""

import copy
from typing import Any

import pytest

from unit.workflow.template.sample import DOCUMENT
from workflow_service.domain.duration import parse_duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.template.document import parse_template
from workflow_service.domain.template.template import Criterion, InstrumentRef, Text


def changed(pointer: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    *way, last = pointer.strip("/").split("/")
    place: Any = document
    for part in way:
        place = place[int(part) if isinstance(place, list) else part]
    place[int(last) if isinstance(place, list) else last] = value
    return document


def errors_of(document: object) -> dict[str, str]:
    with pytest.raises(DomainError) as caught:
        parse_template(document)
    assert (caught.value.code, caught.value.kind) == ("template-invalid", "invalid")
    return {entry["pointer"]: entry["detail"] for entry in caught.value.errors}


def test_a_whole_template_is_read() -> None:
    template = parse_template(DOCUMENT)
    assert template.name == Text(sv="Införande", en="Introduction")
    assert template.steps.baseline.instrument == InstrumentRef("um-seven", 1)
    assert template.steps.after_care.checkpoints[1] == parse_duration("P1Y")
    assert template.pilot_gate.criteria[0] == Criterion(
        "participation", "participation", 70.0, 50.0, dry_run=False
    )
    assert template.waves.size == 12
    assert template.minutes_asked.employee == {"baseline": 15}


@pytest.mark.parametrize(
    ("pointer", "value", "wrong_at", "says"),
    [
        ("/template_id", "Um!", "/template_id", "a-z"),
        ("/version", 0, "/version", "whole number from 1"),
        ("/version", True, "/version", "whole number"),
        ("/name", {"sv": "Införande"}, "/name/en", "missing"),
        ("/name/en", "  ", "/name/en", "1 to 200"),
        ("/owner", "x", "/owner", "Unknown"),
        ("/a~b/c".replace("/c", ""), 1, "/a~0b", "Unknown"),
        ("/steps/preparation/min_duration", "14 days", "/steps/preparation/min_duration", "P14D"),
        ("/steps/baseline/window", "PT0S", "/steps/baseline/window", "longer than nothing"),
        ("/steps/baseline/window", "P367D", "/steps/baseline/window", "for a year at most"),
        ("/steps/follow_up/window", "P13M", "/steps/follow_up/window", "for a year at most"),
        ("/steps/baseline/instrument/version", "1", "/steps/baseline/instrument/version", "whole"),
        ("/steps/modules/module_ids", [], "/steps/modules/module_ids", "at least one"),
        ("/steps/modules/module_ids", ["a", "a"], "/steps/modules/module_ids/1", "twice"),
        (
            "/steps/after_care/checkpoints",
            ["P12M", "P1Y"],
            "/steps/after_care/checkpoints/1",
            "later",
        ),
        ("/pilot_gate/criteria", [], "/pilot_gate/criteria", "at least one"),
        ("/pilot_gate/criteria/0/fail_below", 90, "/pilot_gate/criteria/0/fail_below", "above"),
        ("/pilot_gate/criteria/0/dry_run", True, "/pilot_gate/criteria", "nothing would decide"),
        ("/pilot_gate/criteria/1/dry_run", False, "/pilot_gate/criteria/1/dry_run", "no effect"),
        ("/pilot_gate/criteria/1/code", "participation", "/pilot_gate/criteria/1/code", "twice"),
        (
            "/pilot_gate/criteria/0/pass_at_least",
            float("nan"),
            "/pilot_gate/criteria/0/pass_at_least",
            "1 to 100",
        ),
        (
            "/pilot_gate/criteria/0/pass_at_least",
            0.7,
            "/pilot_gate/criteria/0/pass_at_least",
            "1 to 100",
        ),
        ("/name/sv", "a\0b", "/name/sv", "control character"),
        ("/name/\ud800", "x", "/name/?", "Unknown"),
        ("/pilot_gate/criteria/0/measure", "joy", "/pilot_gate/criteria/0/measure", "one of"),
        ("/waves/size", 0, "/waves/size", "from 1"),
        ("/waves/order", "luck", "/waves/order", "headcount, unit_id"),
        ("/waves/verified_after", "lunch", "/waves/verified_after", "modules"),
        ("/minutes_asked/manager/lunch", 3, "/minutes_asked/manager/lunch", "Unknown"),
        ("/minutes_asked/employee", 3, "/minutes_asked/employee", "object"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    pointer: str, value: object, wrong_at: str, says: str
) -> None:
    errors = errors_of(changed(pointer, value))
    assert list(errors) == [wrong_at]
    assert says in errors[wrong_at]


def test_all_errors_come_at_once() -> None:
    document = changed("/version", -1)
    document["waves"] = []
    del document["steps"]["modules"]
    assert list(errors_of(document)) == ["/version", "/steps/modules", "/waves"]


@pytest.mark.parametrize("document", [None, [], "text", 3])
def test_a_template_is_an_object(document: object) -> None:
    assert "" in errors_of(document)
