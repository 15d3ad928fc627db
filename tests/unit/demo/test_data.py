"""The committed sample data: consistent, labelled, and accepted by the services' own rules."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assessment_service.domain import instrument as instruments
from assessment_service.entrypoints.http.instrument_schemas import InstrumentBody
from content_service.domain.article import Article, submit
from content_service.entrypoints.http.article_schemas import NewArticleBody
from content_service.entrypoints.http.module_schemas import DraftBody
from demo.organisation import (
    ADMINISTRATORS,
    DATA,
    PILOTS,
    as_csv,
    leaves,
    read_persons,
    read_units,
)
from demo.scale import LARGEST, SMALLEST, people, scaled, write
from demo.template import scaled as scaled_template
from people_service.domain.person_file import persons_of
from people_service.entrypoints.http.person_file import FORM
from servicekit.file_mapping import ImportMapping, read_mapped
from workflow_service.domain.template.document import template_of
from workflow_service.entrypoints.http.template_schemas import TemplateDocument

UNITS = read_units(DATA / "units.csv")
MODULES = sorted((DATA / "modules").glob("*.json"))


def load(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def test_articles_are_labelled_and_can_be_published() -> None:
    articles = [NewArticleBody.model_validate(one) for one in load("articles.json")]
    kinds = Counter(one.kind for one in articles)
    assert kinds == {"news": 3, "question": 13, "film": 2, "e_learning": 1}
    today = date(2026, 1, 1)
    for one in articles:
        assert "(Exempeldata.)" in one.text.sv
        assert "(Sample data.)" in one.text.en
        draft = one.content()
        if one.kind == "question":
            draft = replace(draft, review_by=date(2026, 7, 1))
        submit(Article(one.article_id, one.kind, draft), today)


def test_forty_units_take_part_and_four_are_pilots() -> None:
    members = leaves(UNITS)
    assert len(members) == 40
    assert [unit.unit_id for unit in members[:4]] == list(PILOTS)
    assert (min(u.headcount for u in members), max(u.headcount for u in members)) == (6, 60)


def test_exactly_one_pilot_is_too_small_to_be_shown() -> None:
    pilots = [unit for unit in leaves(UNITS) if unit.unit_id in PILOTS]
    assert [unit.unit_id for unit in pilots if unit.headcount < 7] == ["e-tjanster"]


def test_units_that_are_not_pilots_are_marked_as_examples() -> None:
    marked = [u for u in UNITS if "exempel" in u.name]
    real = {*PILOTS, "digitaliseringsstod"}
    assert {u.unit_id for u in UNITS} - {u.unit_id for u in marked} == real


def test_committed_persons_are_what_the_script_writes(tmp_path: Path) -> None:
    for written in write(tmp_path, 40):
        assert written.read_text() == (DATA / written.name).read_text()


@pytest.mark.parametrize("count", [8, 40, 57, 200])
def test_a_scaled_organisation_hangs_together(count: int) -> None:
    units = scaled(UNITS, count)
    members = leaves(units)
    assert len(members) == count
    ids = [unit.unit_id for unit in units]
    assert len(ids) == len(set(ids))
    assert {unit.parent_id for unit in units} - {""} <= set(ids)
    employees = Counter(row.unit_id for row in people(units) if row.role == "employee")
    assert employees == {unit.unit_id: unit.headcount for unit in members}
    assert people(units) == people(scaled(UNITS, count))


@pytest.mark.parametrize("count", [0, 7, 1001])
def test_a_number_of_units_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="choose a number from 8 to 1000"):
        scaled(UNITS, count)


def test_some_people_have_two_assignments_and_nobody_has_a_real_name() -> None:
    rows = read_persons(DATA / "persons.csv")
    by_person = Counter(row.person_id for row in rows)
    assert max(by_person.values()) == 2
    assert sum(count == 2 for count in by_person.values()) >= 10
    assert all(row.name.startswith("Exempelperson ") for row in rows)
    assert all(row.email.endswith("@example.se") for row in rows)
    assert [row.person_id for row in rows if row.role == "administrator"] == [*ADMINISTRATORS]
    managed = [row.unit_id for row in rows if row.role == "manager"]
    assert managed == [unit.unit_id for unit in leaves(UNITS)]


def test_csv_quotes_names_with_commas() -> None:
    unit = next(unit for unit in UNITS if unit.unit_id == "e-tjanster")
    assert '"Förvaltningen för digitaliseringsstöd, e-tjänster"' in as_csv([unit])


def test_the_instrument_can_be_published() -> None:
    document = InstrumentBody.model_validate(load("instrument.json"))
    assert instruments.publish(document.to_domain()).instrument_id == "um-self-assessment"
    per_behaviour = Counter(item.behaviour for item in document.items)
    assert set(per_behaviour.values()) == {4}
    assert len(per_behaviour) == 7


@pytest.mark.parametrize("name", ["template.json", "template.compressed.json"])
def test_the_templates_are_accepted_and_name_what_exists(name: str) -> None:
    template = template_of(load(name))
    published = {load(f"modules/{path.name}")["module_id"] for path in MODULES}
    assert set(template.steps.modules.module_ids) <= published


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_each_module_is_a_draft_that_can_be_sent(path: Path) -> None:
    document = load(f"modules/{path.name}")
    assert document.pop("module_id") == path.stem
    DraftBody.model_validate(document)


def test_the_catalogue_has_every_kind_and_every_meeting_variant() -> None:
    items = [item for path in MODULES for item in load(f"modules/{path.name}")["items"]]
    kinds = {item["kind"] for item in items}
    assert kinds == {"film", "text", "meeting_kit", "news", "faq", "e_learning"}
    for kit in (item for item in items if item["kind"] == "meeting_kit"):
        assert [v["variant"] for v in kit["variants"]] == ["10", "30", "60", "shift_handover"]


def test_larger_organisations_get_longer_rounds_and_larger_waves() -> None:
    small, patience = scaled_template(scaled(UNITS, 16))
    assert (patience, small["waves"]["size"]) == (240, 6)
    assert small == load("template.compressed.json")
    large, longer = scaled_template(scaled(UNITS, 200))
    assert longer > patience
    assert large["waves"]["size"] == 49
    template_of(large)


@pytest.mark.parametrize("count", [SMALLEST, 57, 812, LARGEST])
def test_every_size_is_accepted_by_the_services(count: int) -> None:
    units = scaled(UNITS, count)
    TemplateDocument.model_validate(scaled_template(units)[0])
    content = as_csv(people(units)).encode()
    table = read_mapped(content, FORM, ImportMapping())
    rows = [(row.line, row.values) for row in table.rows]
    assert len(persons_of(rows, table.faults)) == len({p.person_id for p in people(units)})
