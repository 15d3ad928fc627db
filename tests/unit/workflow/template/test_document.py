"""A template's document is checked whole: every fault with its place, in its shape and meaning."""

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from unit.workflow.template.sample import DOCUMENT
from workflow_service.domain.duration import parse_duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.template.check import check
from workflow_service.domain.template.document import template_of
from workflow_service.domain.template.template import Criterion, InstrumentRef, Text
from workflow_service.entrypoints.http.template_schemas import TemplateDocument


def changed(pointer: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(DOCUMENT)
    *way, last = pointer.strip("/").split("/")
    place: Any = document
    for part in way:
        place = place[int(part) if isinstance(place, list) else part]
    place[int(last) if isinstance(place, list) else last] = value
    return document


def faults_of_shape(document: object) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        TemplateDocument.model_validate(document)
    return {"".join(f"/{part}" for part in e["loc"]): e["msg"] for e in caught.value.errors()}


def test_a_whole_template_is_read() -> None:
    document = TemplateDocument.model_validate(DOCUMENT).model_dump(mode="json")
    assert document == DOCUMENT
    template = template_of(document)
    check(template)
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
        ("/version", 0, "/version", "greater than or equal to 1"),
        ("/version", True, "/version", "integer"),
        ("/name", {"sv": "Införande"}, "/name/en", "required"),
        ("/name/en", "\u200b", "/name/en", "U+200B"),
        ("/owner", "x", "/owner", "not permitted"),
        ("/steps/preparation/min_duration", "14 days", "/steps/preparation/min_duration", "P14D"),
        ("/steps/baseline/window", "PT0S", "/steps/baseline/window", "longer than zero"),
        (
            "/steps/baseline/instrument/version",
            "1",
            "/steps/baseline/instrument/version",
            "integer",
        ),
        ("/steps/modules/module_ids", [], "/steps/modules/module_ids", "at least 1"),
        ("/pilot_gate/criteria", [], "/pilot_gate/criteria", "at least 1"),
        (
            "/pilot_gate/criteria/0/pass_at_least",
            float("nan"),
            "/pilot_gate/criteria/0/pass_at_least",
            "finite",
        ),
        ("/name/sv", "a\0b", "/name/sv", "U+0000"),
        ("/pilot_gate/criteria/0/measure", "joy", "/pilot_gate/criteria/0/measure", "'held'"),
        ("/waves/size", 0, "/waves/size", "greater than or equal to 1"),
        ("/waves/order", "luck", "/waves/order", "'headcount' or 'unit_id'"),
        ("/waves/verified_after", "lunch", "/waves/verified_after", "'modules'"),
        ("/minutes_asked/manager/lunch", 3, "/minutes_asked/manager/lunch/[key]", "'modules'"),
        ("/minutes_asked/employee", 3, "/minutes_asked/employee", "dictionary"),
    ],
)
def test_a_wrong_shape_is_refused_with_its_place(
    pointer: str, value: object, wrong_at: str, says: str
) -> None:
    faults = faults_of_shape(changed(pointer, value))
    assert list(faults) == [wrong_at]
    assert says.replace("'held'", "'meetings_held'") in faults[wrong_at]


@pytest.mark.parametrize(
    ("pointer", "value", "wrong_at", "says"),
    [
        ("/steps/baseline/window", "P367D", "/steps/baseline/window", "for a year at most"),
        ("/steps/follow_up/window", "P13M", "/steps/follow_up/window", "for a year at most"),
        ("/waves/gap", "P100Y", "/waves/gap", "a year at most"),
        (
            "/steps/preparation/min_duration",
            "P13M",
            "/steps/preparation/min_duration",
            "a year at most",
        ),
        ("/steps/modules/min_duration", "P367D", "/steps/modules/min_duration", "a year at most"),
        (
            "/steps/after_care/checkpoints",
            ["P5Y", "P6Y"],
            "/steps/after_care/checkpoints/1",
            "five years at most",
        ),
        (
            "/steps/baseline/release_within",
            "P1D",
            "/steps/baseline/release_within",
            "as long as the window",
        ),
        (
            "/steps/follow_up/release_within",
            "P3Y",
            "/steps/follow_up/release_within",
            "two years",
        ),
        ("/steps/modules/module_ids", ["a", "a"], "/steps/modules/module_ids/1", "twice"),
        (
            "/steps/after_care/checkpoints",
            ["P12M", "P1Y"],
            "/steps/after_care/checkpoints/1",
            "later",
        ),
        ("/pilot_gate/criteria/0/fail_below", 90, "/pilot_gate/criteria/0/fail_below", "above"),
        ("/pilot_gate/criteria/0/fail_below", -1, "/pilot_gate/criteria/0/fail_below", "0 to 100"),
        ("/pilot_gate/criteria/0/dry_run", True, "/pilot_gate/criteria", "nothing would decide"),
        (
            "/pilot_gate/criteria/1/dry_run",
            False,
            "/pilot_gate/criteria/1/dry_run",
            "claim about effects",
        ),
        ("/pilot_gate/criteria/1/code", "participation", "/pilot_gate/criteria/1/code", "twice"),
    ],
)
def test_a_template_that_cannot_work_is_refused_with_the_place(
    pointer: str, value: object, wrong_at: str, says: str
) -> None:
    with pytest.raises(DomainError) as caught:
        check(template_of(changed(pointer, value)))
    assert (caught.value.code, caught.value.kind) == ("template-invalid", "invalid")
    (fault,) = caught.value.errors
    assert fault["pointer"] == wrong_at
    assert says in fault["detail"]


def test_a_share_in_place_of_per_cent_is_refused() -> None:
    document = changed("/pilot_gate/criteria/0/pass_at_least", 0.7)
    document["pilot_gate"]["criteria"][0]["fail_below"] = 0.5
    with pytest.raises(DomainError) as caught:
        check(template_of(document))
    assert [fault["pointer"] for fault in caught.value.errors] == [
        "/pilot_gate/criteria/0/pass_at_least"
    ]


def test_all_faults_come_at_once() -> None:
    document = changed("/version", -1)
    document["waves"] = []
    del document["steps"]["modules"]
    assert list(faults_of_shape(document)) == ["/version", "/steps/modules", "/waves"]
