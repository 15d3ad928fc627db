"""When rounds are reminded of: at most twice, and never twice close together."""

from datetime import timedelta

import pytest

from notification_service.domain.load_cap import band
from notification_service.domain.reminder import ReminderTimes, due_times, reminded
from unit.notification.builders import NOW

HOUR = timedelta(hours=1)
DAY = 24 * HOUR
TIMES = ReminderTimes(0.5, DAY, 2)


@pytest.mark.parametrize(
    ("window", "after"),
    [
        (14 * DAY, [7 * DAY, 13 * DAY]),
        (4 * DAY, [2 * DAY, 3 * DAY]),
        (4 * DAY - HOUR, [2 * DAY - HOUR / 2]),
        (DAY, [DAY / 2]),
    ],
)
def test_half_of_the_time_and_a_day_before(window: timedelta, after: list[timedelta]) -> None:
    assert due_times(NOW, NOW + window, TIMES) == [NOW + one for one in after]


@pytest.mark.parametrize("at_most", [0, 1, 2])
def test_there_are_no_more_than_wanted(at_most: int) -> None:
    times = ReminderTimes(0.5, DAY, at_most)
    assert len(due_times(NOW, NOW + 14 * DAY, times)) == at_most


def test_one_that_was_missed_is_not_sent_after_the_other() -> None:
    due = [NOW, NOW + DAY]
    assert reminded(0, due, NOW) == 1
    assert reminded(0, due, NOW + DAY) == 2
    assert reminded(1, due, NOW) == 2
    assert reminded(1, due, NOW + DAY) == 2


def test_others_see_a_number_of_people_in_coarse_steps() -> None:
    assert [band(count) for count in (1, 4, 5, 9, 10, 400)] == [
        "1-4", "1-4", "5-9", "5-9", "10 or more", "10 or more",
    ]  # fmt: skip
