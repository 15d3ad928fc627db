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
    assert observer.at("rehab", now)
    assert not observer.at("rehab", now, "paused")
