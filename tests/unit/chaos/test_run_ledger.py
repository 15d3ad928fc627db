"""The ledger of a run is enough to do the same again."""

from itertools import islice
from pathlib import Path

import pytest

from chaos.run_ledger import Moves, RunLedger, UnusableLedger, read

NAMES = [f"process-{number}" for number in range(12)]
OPTIONS = {"seed": 7, "short": False, "outage_seconds": 30.0}


def done(moves: Moves) -> list[tuple[str, float]]:
    kills = list(moves.kills(NAMES, 5.0))
    for process, pause in kills:
        moves.note("kill -9", process=process, pause=pause)
    return kills


def test_the_same_is_done_again_in_the_same_order_at_the_same_moments(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "ledger", OPTIONS)
    first = done(Moves(7, "a", ledger)) + done(Moves(8, "b", ledger))
    for test in ("a", "b"):
        ledger.write(test=test, outcome="passed", seconds=1.0)
    recorded = read(tmp_path / "ledger")
    assert recorded.options == OPTIONS
    assert recorded.tests == ["a", "b"]
    again = [done(Moves(99, test, None, recorded.kills[test])) for test in recorded.tests]
    assert again[0] + again[1] == first
    assert done(Moves(99)) not in again


def test_a_seed_gives_the_same_moves() -> None:
    assert done(Moves(7)) == done(Moves(7)) != done(Moves(8))
    assert list(islice(Moves(7).pauses(1, 9), 5)) == list(islice(Moves(7).pauses(1, 9), 5))


def test_a_test_that_did_not_end_is_done_again_too(tmp_path: Path) -> None:
    ledger = RunLedger(tmp_path / "ledger", OPTIONS)
    Moves(7, "ended by a signal", ledger).note("kill -9", process="kafka", pause=1.0)
    assert read(tmp_path / "ledger").kills == {"ended by a signal": [("kafka", 1.0)]}


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"run": {}}\n{"step": "kill -9"}'])
def test_another_file_is_refused_with_its_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(text)
    with pytest.raises(UnusableLedger, match="other is no ledger of a run"):
        read(tmp_path / "other")


def test_a_ledger_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableLedger, match="missing"):
        read(tmp_path / "missing")
