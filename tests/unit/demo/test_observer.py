"""What the demo's observer concludes from what it last saw."""

from typing import Any

import pytest

from demo.observer import Observer
from demo.progress import Progress

ANY: Any = None  # neither the API nor the people are asked


@pytest.mark.parametrize(
    ("now", "reached"),
    [("preparation", False), ("baseline", False), ("modules", True), ("after_care", True)],
)
def test_a_step_that_went_by_between_two_looks_was_reached(now: str, reached: bool) -> None:
    observer = Observer(ANY, ANY, Progress())
    assert not observer.reached("rehab", "modules")
    observer.journeys = {"rehab": {"step": now, "status": "active"}}
    assert observer.reached("rehab", "modules") is reached


@pytest.mark.parametrize("paused_at", ["modules", "follow_up"])
def test_others_pass_a_paused_unit_at_whatever_step_the_pause_reached_it(paused_at: str) -> None:
    observer = Observer(ANY, ANY, Progress())
    observer.journeys = {
        "rehab": {"step": paused_at, "status": "paused"},
        "beside": {"step": paused_at, "status": "active"},
        "ahead": {"step": "after_care", "status": "completed"},
        "not-begun": {"step": None, "status": "planned"},
    }
    assert observer.is_paused("rehab")
    assert not observer.is_paused("beside")
    assert not observer.is_paused("not-begun")
    assert {other for other in observer.journeys if observer.is_past(other, "rehab")} == {"ahead"}
