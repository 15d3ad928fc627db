"""The audit trail gets values, and of free texts only that they changed."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

from content_service.application.differences import changed_fields, difference, without_texts
from content_service.domain.practice import Action

BEFORE = Action(uuid4(), uuid4(), "ward", "creativity", "A secret", date(2026, 3, 1))


def test_a_text_is_named_and_not_shown() -> None:
    after = replace(BEFORE, text="Another", note="A secret", outcome="kept")
    before_it, after_it = difference(BEFORE, after)
    assert before_it == {"outcome": None}
    assert after_it == {"outcome": "kept", "changed": ["text", "note"]}
    assert changed_fields(BEFORE, after) == ["text", "outcome", "note"]
    assert difference(BEFORE, BEFORE) == ({}, {})


def test_a_new_record_has_no_text_and_not_its_own_id() -> None:
    assert without_texts(BEFORE, "action_id") == {
        "rollout_id": BEFORE.rollout_id,
        "unit_id": "ward",
        "behaviour": "creativity",
        "check_back_on": date(2026, 3, 1),
    }
