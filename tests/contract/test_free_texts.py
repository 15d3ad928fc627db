"""Every column is declared: as a free text, of which erasures take out a name, or as none.

A new text column makes a test fail here until it is declared in `adapters/free_texts.py` of its
service, or below as something that nobody writes freely.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter
from sqlalchemy import ARRAY, LargeBinary, String, Table
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from assessment_service.adapters import free_texts as assessment
from assessment_service.adapters.tables import Base as AssessmentBase
from content_service.adapters import free_texts as content
from content_service.adapters.tables import Base as ContentBase
from content_service.domain.article import ArticleContent
from content_service.domain.assignment import ItemProgress
from content_service.domain.module import ModuleContent
from content_service.domain.practice import Action, Meeting
from notification_service.adapters.tables import Base as NotificationBase
from people_service.adapters import code_tables, erasure_tables  # noqa: F401 - tables of people
from people_service.adapters import free_texts as people
from people_service.adapters.tables import Base as PeopleBase
from servicekit.db import table
from servicekit.free_texts import FreeTexts
from workflow_service.adapters.postgres import free_texts as workflow
from workflow_service.adapters.postgres.tables import Base as WorkflowBase
from workflow_service.domain.rollout.introduction import RecordPrerequisite
from workflow_service.domain.rollout.rollout import Rollout

DECLARED: dict[str, tuple[type[SQLModel], FreeTexts]] = {
    "assessment": (AssessmentBase, assessment.FREE_TEXTS),
    "content": (ContentBase, content.FREE_TEXTS),
    "notification": (NotificationBase, {}),
    "people": (PeopleBase, people.FREE_TEXTS),
    "workflow": (WorkflowBase, workflow.FREE_TEXTS),
}
NOT_FREE = {
    "assessment": """
        units.unit_id units.parent_id rounds.unit_id rounds.unit_path pauses.unit_id
        released_cells.unit_id released_cells.unit_path instruments.instrument_id
        releases.instrument_id releases.occasion released_cells.occasion rounds.status
        released_cells.participation_band released_cells.indexes
        keyed_sheets.participation_key keyed_sheets.sealed
        publications.unit_id publications.asked_units disposals.occasion
        releases.public_key releases.envelope released_cells.hidden_because
        releases.awaited_units rollouts.unit_ids report_groups.unit_id released_cells.together
        units.name rounds.unit_name instruments.document
        units.name rounds.unit_name instruments.document self_tests.checks
    """,
    "content": """
        units.unit_id units.parent_id assignments.unit_id meetings.unit_id actions.unit_id
        evidence_changes.unit_id rollouts.unit_ids modules.module_id module_versions.module_id
        assignments.module_id articles.article_id article_editions.article_id public_texts.id
        questions.article_id questions.asked_by modules.published_hash module_versions.content_hash
        meetings.variant actions.behaviour actions.outcome evidence_changes.kind articles.kind
        articles.status public_texts.kind public_texts.language questions.language questions.status
        units.name module_versions.content article_editions.content
        public_texts.title public_texts.body public_texts.words
    """,
    "notification": """
        units.unit_id open_rounds.unit_id open_rounds.together
        messages.recipient_id subscriptions.owner
        invitations.recipient_id
        open_rounds.occasion messages.template messages.status messages.traceparent
        deliveries.event_type deliveries.status deliveries.traceparent subscriptions.event_types
        subscriptions.secret_key_id subscriptions.previous_key_id subscriptions.retired_secrets
        attempts.result erasures.rows
        messages.reason deliveries.reason attempts.reason attempts.exchange
        subscriptions.disabled_reason quarantine.reason
        units.name messages.facts deliveries.body subscriptions.url
    """,
    "people": """
        units.unit_id units.successor_id unit_places.unit_id unit_places.parent_id
        assignments.unit_id delegations.unit_id managements.unit_id rounds.unit_id
        assignments.role delegations.role role_gifts.role assignments.source persons.language
        refused_bindings.why scim_resources.kind import_progress.request import_progress.step
        failed_attempts.place sign_in_codes.digest released_identities.released_by
        identities.issuer refused_bindings.issuer released_identities.issuer
        erasures.awaited erasures.confirmations unit_places.name
        persons.person_id persons.name persons.email persons.hsa_id persons.phone
        former_facts.person_id former_facts.fact assignments.person_id role_gifts.person_id
        identities.person_id identities.former_person_id identities.subject
        released_identities.person_id released_identities.subject
        refused_bindings.named refused_bindings.subject
        delegations.principal_id delegations.delegate_id
        managements.managers managements.newcomers
        scim_resources.person_id scim_resources.content scim_resources.comparable
        erasures.person_id erasures.words
    """,
    "workflow": """
        units.unit_id units.parent_id units.successor_id journeys.unit_id evidence.unit_id
        round_times.unit_id managements.unit_id templates.template_id published_references.id
        transitions.by unit_changes.by transitions.request_id evidence.traceparent
        rollouts.phase rollouts.status transitions.action journeys.step journeys.status
        journeys.after_care_on journeys.pauses journeys.refused evidence.kind evidence.detail
        round_times.occasion published_references.kind units.kind unit_changes.status
        journeys.refused_detail unit_changes.refusal
        rollouts.name units.name unit_changes.document templates.document
        differences.kind differences.subject differences.unit_id differences.what differences.code
    """,
}
"""Ids and accounts, codes, what the platform itself writes, and what was published: it stays. Of
people also what persons are called: rows that are removed."""
DOCUMENTS: dict[str, tuple[Any, str]] = {
    "assignments.items": (ItemProgress, "item_id"),
    "evidence_changes.before": (Meeting | Action, "unit_id"),
    "modules.draft": (ModuleContent, "item_id url"),
    "articles.draft": (ArticleContent, "url"),
    "rollouts.state": (
        Rollout,
        "name template_id by proposed_by settled_by diary_number paused_units action code source"
        " explanation",
    ),
    "transitions.detail": (RecordPrerequisite, "action reason"),
}
"""What is in documents that have free texts, and under which keys nobody writes freely."""


def text_columns(base: type[SQLModel]) -> Iterator[str]:
    """Of every table of a service: those that can hold a text."""
    rows: Table
    for rows in base.metadata.tables.values():
        for column in rows.columns:
            kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
            if isinstance(kind, String | AutoString | JSONB | LargeBinary | TSVECTOR):
                yield f"{rows.name}.{column.name}"


def free_columns(texts: FreeTexts) -> dict[str, set[str]]:
    return {
        f"{table(row).name}.{table(row).c[name].name}": set(keys)
        for row, columns in texts.items()
        for name, keys in columns.items()
    }


def keys_of_texts(schema: Any) -> Iterator[str]:
    """The keys under which a JSON schema has texts that are no code, id or time."""
    if isinstance(schema, list):
        for one in schema:
            yield from keys_of_texts(one)
    if isinstance(schema, dict):
        for name, one in schema.get("properties", {}).items():
            if is_text(one):
                yield name
        for one in schema.values():
            yield from keys_of_texts(one)


def is_text(schema: dict[str, Any]) -> bool:
    among = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
    return any(
        one.get("type") == "string" and not {"enum", "const", "format"} & one.keys()
        for one in among
    )


@pytest.mark.parametrize("service", NOT_FREE)
def test_every_text_column_is_declared(service: str) -> None:
    base, texts = DECLARED[service]
    not_free = NOT_FREE[service].split()
    assert {*free_columns(texts), *not_free} == set(text_columns(base))
    assert not free_columns(texts).keys() & set(not_free)


def test_every_text_in_a_document_is_declared() -> None:
    declared = {
        column: keys
        for _, texts in DECLARED.values()
        for column, keys in free_columns(texts).items()
        if keys
    }
    assert declared.keys() == DOCUMENTS.keys()
    for column, (form, not_free) in DOCUMENTS.items():
        found = set(keys_of_texts(TypeAdapter(form).json_schema()))
        assert found - set(not_free.split()) <= declared[column], column
