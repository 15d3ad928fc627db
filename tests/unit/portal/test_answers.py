"""The sample answers of these tests are what the API documents describe."""

import json
from pathlib import Path
from typing import Any

import pytest

from unit.portal import (
    answers,
    library_answers,
    operation_answers,
    operator_answers,
    organisation_answers,
)

ROOT = Path(__file__).parents[3]
SAMPLES = [
    ("workflow", "/units/{unit_id}", answers.unit()),
    ("workflow", "/units", answers.page(answers.unit())),
    ("workflow", "/rollouts", answers.page(answers.rollout_summary())),
    ("workflow", "/rollouts/{rollout_id}", answers.rollout()),
    ("workflow", "/rollouts/{rollout_id}", answers.new_rollout()),
    ("workflow", "/rollouts/{rollout_id}/journeys", answers.page(answers.journey())),
    ("workflow", "/rollouts/{rollout_id}/board", answers.board()),
    ("workflow", "/units/{unit_id}/journeys", answers.unit_journeys()),
    ("workflow", "/rollouts/{rollout_id}/decision", answers.decision()),
    ("workflow", "/rollouts/{rollout_id}/history", answers.page(answers.transition())),
    ("assessment", "/rounds", answers.page(answers.round_summary())),
    ("assessment", "/rounds/{round_id}", answers.round_()),
    ("assessment", "/results", answers.page(answers.result(), answers.hidden_result())),
    ("assessment", "/rollouts/{rollout_id}/report-groups", answers.report_groups()),
    ("assessment", "/rounds/{round_id}/answer", answers.profile()),
    ("people", "/delegations", answers.page(answers.delegation())),
    ("people", "/persons/import", answers.person_import(ended=2)),
    ("workflow", "/units/import", answers.unit_import()),
    ("content", "/units/{unit_id}/changes", answers.page(answers.change())),
    ("content", "/units/{unit_id}/progress", answers.progress()),
    ("content", "/articles", answers.page(answers.article())),
    ("content", "/articles/{article_id}", answers.article(kind="film")),
    ("content", "/articles/{article_id}", answers.article(kind="question")),
    ("content", "/questions", answers.page(answers.question())),
    ("content", "/public/articles", answers.page(answers.edition(kind="film"))),
    ("content", "/public/articles/{article_id}", answers.edition(kind="question")),
    ("content", "/public/search", answers.page(answers.hit(), answers.hit(kind="module"))),
    ("content", "/operation", operation_answers.troubled()),
    ("workflow", "/public/timetable", answers.page(answers.timetable())),
    ("content", "/modules", answers.page(library_answers.module_card())),
    ("content", "/modules/{module_id}", library_answers.module()),
    ("content", "/modules/{module_id}/versions/{version}", library_answers.module(version=1)),
    ("content", "/module-drafts", answers.page(library_answers.module_draft())),
    ("assessment", "/instruments", answers.page(library_answers.instrument_card())),
    (
        "assessment",
        "/instruments/{instrument_id}/versions/{version}",
        library_answers.instrument(),
    ),
    ("workflow", "/import-mappings", answers.page(library_answers.mapping())),
    ("people", "/persons/import/progress", library_answers.progress()),
    ("workflow", "/templates", answers.page(library_answers.template())),
    ("workflow", "/templates/check", library_answers.checked_template()),
    ("content", "/dead-letters", answers.page(operator_answers.dead_letter())),
    ("content", "/dead-letters/{group}/{offset}", operator_answers.dead_letter("")),
    ("notification", "/subscriptions", answers.page(operator_answers.subscription())),
    ("notification", "/subscriptions/{subscription_id}", operator_answers.subscription()),
    ("notification", "/deliveries", answers.page(operator_answers.logged_delivery())),
    ("notification", "/deliveries/{delivery_id}", operator_answers.delivery()),
    ("workflow", "/open-problems", answers.page(operator_answers.open_problem())),
    ("assessment", "/open-problems", answers.page(operator_answers.unknown_reference())),
    ("content", "/open-problems", answers.page(operator_answers.unknown_reference())),
    ("people", "/open-problems", answers.page(operator_answers.missing_addresses())),
    ("people", "/audit", answers.page(operator_answers.audit_line())),
    ("assessment", "/self-test", organisation_answers.self_test()),
    ("assessment", "/custody", answers.page(organisation_answers.envelope())),
    ("people", "/persons", answers.page(organisation_answers.person())),
    ("people", "/persons/{person_id}", organisation_answers.person()),
    ("people", "/persons/{person_id}/identities", organisation_answers.identities()),
    ("people", "/erasures", answers.page(organisation_answers.erasure())),
    ("people", "/erasures/{erasure_id}", organisation_answers.erasure()),
    ("workflow", "/unit-changes", answers.page(*organisation_answers.unit_changes())),
]


def test_a_preview_has_the_members_of_the_document() -> None:
    document = json.loads((ROOT / "docs/generated/openapi/workflow.json").read_text())
    responses = document["paths"]["/v1/unit-changes"]["post"]["responses"]
    schema = responses["201"]["content"]["application/json"]["schema"]
    sample = organisation_answers.preview()
    assert list(_differences(document["components"]["schemas"], schema, sample, "")) == []


@pytest.mark.parametrize(("service", "path", "sample"), SAMPLES)
def test_a_sample_has_the_members_of_the_document(service: str, path: str, sample: Any) -> None:
    document = json.loads((ROOT / f"docs/generated/openapi/{service}.json").read_text())
    operations = document["paths"][f"/v1{path}"]
    operation = operations.get("get") or operations.get("put") or operations["post"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    assert list(_differences(document["components"]["schemas"], schema, sample, "")) == []


def _differences(schemas: Any, schema: Any, sample: Any, place: str) -> list[str]:
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if one.get("type") != "null"]
        return [] if sample is None else _differences(schemas, kinds[0], sample, place)
    if schema.get("type") == "array":
        parts = [_differences(schemas, schema["items"], one, f"{place}/-") for one in sample]
        return [found for part in parts for found in part]
    if sample is None:
        return [f"{place} cannot be null"]
    if "enum" in schema and sample not in schema["enum"]:
        return [f"{place} cannot be {sample}"]
    if "properties" not in schema:
        return []
    known = schema["properties"]
    found = [f"{place}/{name}: not in both" for name in set(known) ^ set(sample)]
    for name in set(known) & set(sample):
        found += _differences(schemas, known[name], sample[name], f"{place}/{name}")
    return found
