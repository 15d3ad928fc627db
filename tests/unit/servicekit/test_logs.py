"""What a log leaves out: only what Kafka's client has just said."""

import logging

from servicekit.logs import Seldom


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def passes(seldom: Seldom, name: str, text: str) -> bool:
    return bool(seldom.filter(logging.makeLogRecord({"name": name, "msg": text})))


def test_a_line_of_kafkas_client_passes_once_a_minute() -> None:
    clock = Clock()
    seldom = Seldom(clock)
    said = []
    for clock.seconds in (0.0, 1.0, 59.0, 61.0, 62.0):
        said.append(passes(seldom, "aiokafka.client", "away"))
    assert said == [True, False, False, True, False]


def test_every_other_line_passes() -> None:
    clock = Clock()
    seldom = Seldom(clock)
    assert passes(seldom, "aiokafka", "one")
    clock.seconds = 1.0
    assert passes(seldom, "aiokafka", "two")
    assert passes(seldom, "servicekit.relay", "one")
    assert passes(seldom, "servicekit.relay", "one")
