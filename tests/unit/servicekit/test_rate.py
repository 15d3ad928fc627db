"""Half of a minute's share at once, then an even pace; nobody is remembered for longer."""

from servicekit.rate import BURST_SECONDS, Rate


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_half_of_a_minutes_share_may_be_done_at_once() -> None:
    rate = Rate(60, Clock())
    assert [rate.wait("anna") for _ in range(31)] == [0] * 30 + [1.0]
    assert rate.wait("bo") == 0


def test_who_waits_as_long_as_it_says_may_go_on() -> None:
    clock = Clock()
    rate = Rate(120, clock)
    while not (wait := rate.wait("anna")):
        pass
    clock.now += wait - 0.01
    assert rate.wait("anna") > 0
    clock.now += 0.02
    assert rate.wait("anna") == 0


def test_over_a_long_time_the_pace_is_kept() -> None:
    clock = Clock()
    rate, done = Rate(120, clock), 0
    for _ in range(6_000):
        done += rate.wait("anna") == 0
        clock.now += 0.1  # 600 per minute for ten minutes
    assert done in range(1_255, 1_262)


def test_nobody_is_remembered_for_longer_than_a_minute() -> None:
    clock = Clock()
    rate = Rate(60, clock)
    for number in range(100):
        rate.wait(f"person-{number}")
    while not rate.wait("anna"):
        pass
    clock.now += BURST_SECONDS + 1
    rate.forget()
    assert len(rate) == 0
