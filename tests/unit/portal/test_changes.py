"""Who is woken by which change, and how often."""

import json

import pytest

from contracts.readers import PORTAL_READS
from portal_service.adapters.event_stream import subjects
from portal_service.application.changes import Changes

NOW = 0.01


@pytest.fixture
def changes() -> Changes:
    changes = Changes()
    changes.seen(True)
    return changes


async def test_a_watcher_learns_first_how_it_stands() -> None:
    changes = Changes()
    with changes.watching(["unit/a"]) as watcher:
        assert await watcher.next(NOW) == "away"
        assert await watcher.next(NOW) is None
        changes.seen(True)
        assert await watcher.next(NOW) == "changed"
    with changes.watching(["unit/a"]) as watcher:
        assert await watcher.next(NOW) == "changed"


async def test_only_its_own_subjects_wake_a_watcher(changes: Changes) -> None:
    with changes.watching(["unit/a", "rollout/1"]) as one, changes.watching(["unit/b"]) as other:
        await one.next(NOW)
        await other.next(NOW)
        changes.changed(["unit/a", "rollout/2"])
        assert await one.next(NOW) == "changed"
        assert await other.next(NOW) is None


async def test_many_changes_are_one_signal(changes: Changes) -> None:
    with changes.watching(["unit/a"]) as watcher:
        await watcher.next(NOW)
        for _ in range(1_000):
            changes.changed(["unit/a"])
        assert await watcher.next(NOW) == "changed"
        assert await watcher.next(NOW) is None


async def test_while_nothing_is_seen_a_page_is_not_called_live(changes: Changes) -> None:
    with changes.watching(["unit/a"]) as watcher:
        await watcher.next(NOW)
        changes.seen(True)
        assert await watcher.next(NOW) is None
        changes.seen(False)
        assert await watcher.next(NOW) == "away"


async def test_the_end_is_the_last_signal(changes: Changes) -> None:
    with changes.watching(["unit/a"]) as watcher:
        changes.close()
        changes.changed(["unit/a"])
        assert await watcher.next(NOW) == "end"
    with changes.watching(["unit/a"]) as late:
        assert await late.next(NOW) == "end"


async def test_who_has_left_is_forgotten(changes: Changes) -> None:
    with changes.watching(["unit/a"]):
        pass
    assert not changes._watchers


@pytest.mark.parametrize(
    ("event", "about"),
    [
        ({"unit_id": "rehab", "rollout_id": "r-1", "step": "x"}, {"unit/rehab", "rollout/r-1"}),
        ({"rollout_id": "r-1", "unit_id": None}, {"rollout/r-1"}),
        ({"module_id": "m"}, set()),
        (["unit_id"], set()),
        ("unit_id", set()),
    ],
)
def test_what_an_event_is_about(event: object, about: set[str]) -> None:
    assert set(subjects(json.dumps(event).encode())) == about


@pytest.mark.parametrize("value", [None, b"", b"{", b"\xff"])
def test_what_cannot_be_read_is_about_nothing(value: bytes | None) -> None:
    assert set(subjects(value)) == set()


def test_events_about_persons_are_not_followed() -> None:
    assert {topic.split(".")[0] for topic in PORTAL_READS} == {"assessment", "content", "workflow"}
    assert not [topic for topic in PORTAL_READS if topic.endswith(".audit")]
