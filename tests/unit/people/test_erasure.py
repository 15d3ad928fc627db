"""When an erasure is complete, and what names somebody within texts and documents."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from people_service.domain.erasure import (
    Confirmation,
    Erasure,
    mentions,
    without_references,
)
from people_service.domain.errors import DomainError

NOW = datetime(2026, 3, 9, tzinfo=UTC)
ERASURE = Erasure(uuid4(), "p-0001", NOW, (Confirmation("people", {"persons": 1}, NOW),))


def test_the_last_confirmation_ends_that_the_person_is_known() -> None:
    assert (ERASURE.awaited, ERASURE.person_id) == (("notification",), "p-0001")
    after = ERASURE.confirmed("notification", {"messages": 2}, NOW)
    assert (after.awaited, after.person_id) == ((), None)
    assert after.confirmed("notification", {"messages": 0}, NOW) == after


@pytest.mark.parametrize("service", ["people", "content", "unknown"])
def test_who_stores_no_ids_confirms_nothing(service: str) -> None:
    with pytest.raises(DomainError, match="stores no ids") as refused:
        ERASURE.confirmed(service, {}, NOW)
    assert refused.value.code == "unknown-service"


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("p-0001 asked.", True),
        ("As P-0001.", True),
        ("Lena Exempel asked", True),
        ("to lena@example.se", True),
        ("p-00011 asked", False),
        ("xp-0001", False),
        ("The manager asked", False),
    ],
)
def test_words_that_tell_who_it_is(sentence: str, named: bool) -> None:
    words = {"p-0001", "Lena Exempel", "lena@example.se", "manager"}
    assert mentions(sentence, words) is named


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
