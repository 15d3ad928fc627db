"""An assignment is completed once, when its last item is done or waived."""

from uuid import UUID

import pytest

from content_service.domain import assignment as assignments
from content_service.domain.assignment import Assignment, AssignmentCompleted, ItemStatus
from content_service.domain.errors import DomainError

ROLLOUT = UUID("00000000-0000-4000-8000-000000000001")


def two_items() -> Assignment:
    return assignments.assign(ROLLOUT, "rehab", "start", 1, ["film", "kit"])


def test_the_id_follows_from_rollout_unit_and_module() -> None:
    assert two_items().assignment_id == two_items().assignment_id
    assert two_items().assignment_id.version == 5
    other = assignments.assign(ROLLOUT, "rehab", "end", 1, ["film"])
    assert other.assignment_id != two_items().assignment_id


def test_the_last_finished_item_completes_it_once() -> None:
    first, event = assignments.set_item_status(two_items(), "film", "done", None)
    assert (first.items_finished, first.completed, event) == (1, False, None)
    last, event = assignments.set_item_status(first, "kit", "waived", "We hold our own meeting")
    assert (last.completed, event) == (True, AssignmentCompleted(last))
    again, event = assignments.set_item_status(last, "kit", "waived", "We hold our own meeting")
    assert (again, event) == (last, None)


def test_an_item_may_go_back_until_all_is_finished() -> None:
    done, _ = assignments.set_item_status(two_items(), "film", "done", None)
    started, _ = assignments.set_item_status(done, "film", "started", None)
    assert started.items_finished == 0
    finished, _ = assignments.set_item_status(done, "kit", "done", None)
    with pytest.raises(DomainError, match="does not change any more"):
        assignments.set_item_status(finished, "film", "started", None)


@pytest.mark.parametrize(
    ("item_id", "status", "reason", "code"),
    [
        ("slides", "done", None, "item-unknown"),
        ("film", "waived", None, "waiver-reason-missing"),
        ("film", "waived", "  ", "waiver-reason-missing"),
        ("film", "done", "because", "reason-without-waiver"),
    ],
)
def test_refusals(item_id: str, status: ItemStatus, reason: str | None, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        assignments.set_item_status(two_items(), item_id, status, reason)
    assert caught.value.code == code
