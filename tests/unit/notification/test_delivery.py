"""Retries: the table, its jitter, Retry-After, and the last one."""

from datetime import timedelta

import pytest

from notification_service.domain.delivery import (
    LONGEST_WAIT,
    WEBHOOK_RETRY_SECONDS,
    Outcome,
    judge,
)
from notification_service.domain.events import MessageFailed, MessageSent
from notification_service.domain.message import TEMPLATES, address_to
from unit.notification.builders import NOW

RETRY = Outcome("retry", "http-error", 503)


def wait(outcome: Outcome, step: int, luck: float) -> float:
    verdict = judge(outcome, step, NOW, WEBHOOK_RETRY_SECONDS, luck)
    assert verdict.next_attempt_at is not None
    return (verdict.next_attempt_at - NOW).total_seconds()


@pytest.mark.parametrize("step", range(len(WEBHOOK_RETRY_SECONDS)))
def test_waits_follow_the_table_within_a_fifth(step: int) -> None:
    table = WEBHOOK_RETRY_SECONDS[step]
    assert wait(RETRY, step, 0.5) == pytest.approx(table)
    assert wait(RETRY, step, 0.0) == pytest.approx(table * 0.8)
    assert wait(RETRY, step, 1.0) == pytest.approx(table * 1.2)


def test_retry_after_lengthens_a_wait_but_not_for_ever() -> None:
    def asking(seconds: int) -> Outcome:
        return Outcome("retry", "http-error", 429, timedelta(seconds=seconds))

    assert wait(asking(120), 0, 0.5) == 120
    assert wait(asking(1), 1, 0.5) == 300
    assert wait(asking(10**9), 0, 0.5) == LONGEST_WAIT.total_seconds()


def test_the_end_of_the_table_is_the_end() -> None:
    verdict = judge(RETRY, len(WEBHOOK_RETRY_SECONDS), NOW, WEBHOOK_RETRY_SECONDS, 0.5)
    assert (verdict.status, verdict.reason) == ("failed", "retries-exhausted")


def test_a_message_ends_with_one_fact() -> None:
    (message,) = address_to("round_opened", ["r"], ["p-1"], {})
    sent, fact = message.settled(Outcome("accepted"), "email", NOW, [5], 0.5)
    assert (sent.status, fact) == (
        "sent",
        MessageSent(message.reference, "round_opened", "email"),
    )
    refused = Outcome("refused", "recipient-refused", 550)
    failed, fact = message.settled(refused, "email", NOW, [5], 0.5)
    assert failed.status == "failed"
    assert fact == MessageFailed(message.reference, "round_opened", "email", "recipient-refused")
    waiting, fact = message.settled(RETRY, "email", NOW, [5], 0.5)
    assert (waiting.status, waiting.step, fact) == ("pending", 1, None)


def test_the_same_occasion_gives_the_same_message_ids() -> None:
    first = address_to("round_opened", ["round"], ["p-2", "p-1", "p-1"], {})
    again = address_to("round_opened", ["round"], ["p-1", "p-2"], {})
    assert [m.message_id for m in first] == [m.message_id for m in again]
    assert len({m.message_id for m in first}) == 2
    others = [
        *address_to("round_opened", ["other"], ["p-1"], {}),
        *address_to("decision_published", ["round"], ["p-1"], {}),
    ]
    assert {m.message_id for m in others}.isdisjoint(m.message_id for m in first)


def test_events_name_a_message_by_what_no_staff_list_finds() -> None:
    """Its id is derived from the recipient's: whoever has all ids of persons could try them."""
    (first,) = address_to("round_opened", ["round"], ["p-1"], {})
    (again,) = address_to("round_opened", ["round"], ["p-1"], {})
    assert first.reference != again.reference
    _, fact = first.settled(Outcome("accepted"), "email", NOW, [5], 0.5)
    assert isinstance(fact, MessageSent)
    assert fact.message_id == first.reference


def test_a_link_needs_only_what_its_message_holds() -> None:
    facts = {"round_id": "r", "unit_id": "u", "rollout_id": "o", "delegation_id": "d"}
    for template in TEMPLATES.values():
        assert template.link.format_map(facts).startswith("/")
