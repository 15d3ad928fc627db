"""When an erasure is complete, and what names somebody within texts and documents."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from people_service.domain.erasure import (
    Confirmation,
    Erasure,
    identifies,
    without_references,
)
from people_service.domain.errors import DomainError

NOW = datetime(2026, 3, 9, tzinfo=UTC)
WORDS = frozenset({"p-0001", "Lena Exempel"})
HERE = Confirmation("people", {"persons": 1}, NOW)
ERASURE = Erasure(uuid4(), "p-0001", WORDS, NOW, (HERE,))


def test_the_last_confirmation_ends_that_the_person_is_known() -> None:
    erasure = ERASURE
    assert erasure.awaited == ("assessment", "content", "notification", "workflow")
    for service in erasure.awaited:
        assert (erasure.person_id, erasure.words) == ("p-0001", WORDS)
        erasure = erasure.confirmed(service, {"rows": 2}, NOW)
        assert erasure.confirmed(service, {"rows": 0}, NOW) == erasure
    assert (erasure.awaited, erasure.person_id, erasure.words) == ((), None, frozenset())
    assert len(erasure.confirmations) == 5


def test_a_service_that_was_not_awaited_when_it_was_asked_for_changes_nothing() -> None:
    complete = replace(ERASURE, person_id=None, words=frozenset(), awaited=())
    assert complete.confirmed("content", {"actions": 0}, NOW) == complete


@pytest.mark.parametrize("service", ["people", "portal", "unknown"])
def test_who_stores_no_ids_confirms_nothing(service: str) -> None:
    with pytest.raises(DomainError, match="stores nothing") as refused:
        ERASURE.confirmed(service, {}, NOW)
    assert refused.value.code == "unknown-service"


@pytest.mark.parametrize(
    ("word", "identifying"),
    [
        ("p-0001", True),
        ("Lena Exempel", True),
        ("lena@example.se", True),
        ("+46701740605", True),
        ("SE2321000016-1ABC", True),
        ("manager", False),
        ("2 3", False),
        ("p-1", False),
        ("2026", False),
        ("20261", False),
        ("3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21", False),
        ("3F2B8C1E8D0A4C579D0E5A1F0C6B7E21", False),
    ],
)
def test_words_that_identify_somebody(word: str, identifying: bool) -> None:
    assert identifies(word) is identifying


def test_a_document_loses_what_refers_to_the_user_and_no_more() -> None:
    one, other = str(uuid4()), str(uuid4())
    document = {
        "displayName": "manager:rehab",
        "members": [{"value": one.upper(), "display": "A"}, {"value": other, "display": "A"}],
        "extension": {"department": "rehab", "manager": {"value": one, "displayName": "A"}},
    }
    assert without_references(document, one) == {
        "displayName": "manager:rehab",
        "members": [{"value": other, "display": "A"}],
        "extension": {"department": "rehab"},
    }
