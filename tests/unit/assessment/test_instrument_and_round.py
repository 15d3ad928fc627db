"""The rules of instruments and rounds."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from assessment_service.domain import instrument as instruments
from assessment_service.domain import round as rounds
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Item, Scale
from assessment_service.domain.participation import participation_key
from assessment_service.domain.unit_tree import UnitTree
from unit.assessment.builders import NOW, TREE, a_round, instrument, release, text

GOOD = instrument()


def test_a_good_instrument_is_published() -> None:
    event = instruments.publish(GOOD)
    assert (event.instrument_id, event.version) == ("sample", 1)


@pytest.mark.parametrize(
    ("bad", "pointer"),
    [
        (replace(GOOD, scale=Scale(5, 5, (text("a"),), True)), "/scale/max"),
        (replace(GOOD, scale=Scale(1, 500, (), True)), "/scale/max"),
        (replace(GOOD, scale=Scale(1, 5, (text("a"),), True)), "/scale/labels"),
        (replace(GOOD, scale=Scale(1, 2, (text("a"), {"sv": "b"}), True)), "/scale/labels/1/en"),
        (replace(GOOD, items=(Item("a", "nonsense", text("a")),)), "/items/0/behaviour"),
        (replace(GOOD, items=(*GOOD.items, GOOD.items[0])), "/items/0/item_id"),
        (replace(GOOD, languages=("sv", "en", "nb")), "/items/0/text/nb"),
        (replace(GOOD, languages=("de",)), "/languages"),
        (replace(GOOD, languages=("sv",)), "/languages"),
        (replace(GOOD, languages=("sv", "en", "sv")), "/languages/2"),
        (
            replace(GOOD, languages=("sv",), items=(Item("a", "x", {"sv": "a"}),)),
            "/items/0/text/en",
        ),
        (replace(GOOD, items=(Item("a", "x", {"sv": "a", "en": "\u200b"}),)), "/items/0/text/en"),
        (replace(GOOD, min_answered=5), "/missing_rule/min_answered"),
        (replace(GOOD, min_answered=0), "/missing_rule/min_answered"),
    ],
)
def test_a_bad_instrument_is_refused_with_the_place(
    bad: instruments.Instrument, pointer: str
) -> None:
    with pytest.raises(DomainError) as refused:
        instruments.publish(bad)
    assert refused.value.code == "instrument-invalid"
    assert pointer in [error["pointer"] for error in refused.value.errors]


def test_versions_have_no_gaps() -> None:
    for newest in (6, 7, 9):
        instruments.check_version(instrument(version=7), newest)
    for newest, expected in ((0, "Publish version 1 next"), (1, "Publish version 2 next")):
        with pytest.raises(DomainError, match=expected) as refused:
            instruments.check_version(instrument(version=7), newest)
        assert refused.value.code == "instrument-version-gap"


def test_a_round_opens_with_the_unit_as_it_is_now() -> None:
    unit = rounds.snapshot("ward", TREE)
    assert (unit.path, unit.headcount) == (("region", "health", "ward"), 20)
    opened, event = rounds.open_round(release(), unit, NOW, NOW + timedelta(days=7))
    assert (opened.status, event.round) == ("open", opened)


def test_a_units_round_has_the_same_id_whoever_opens_it() -> None:
    rollout = uuid4()
    first = rounds.round_id(rollout, "ward", "baseline")
    assert first == rounds.round_id(rollout, "ward", "baseline")
    assert first != rounds.round_id(rollout, "ward", "follow_up")
    assert first.version == 5


@pytest.mark.parametrize(
    ("unit_id", "code"),
    [("nowhere", "unit-unknown"), ("health", "unit-not-a-leaf"), ("empty", "unit-without-people")],
)
def test_a_unit_that_cannot_have_a_round(unit_id: str, code: str) -> None:
    known = [*TREE, rounds.Unit("empty", "region", "Empty", 0, 1)]
    with pytest.raises(DomainError) as refused:
        rounds.snapshot(unit_id, known)
    assert refused.value.code == code


def test_units_in_a_ring_are_refused_and_do_not_hang() -> None:
    ring = [rounds.Unit("a", "b", "A", 9, 1), rounds.Unit("b", "a", "B", 9, 1)]
    with pytest.raises(DomainError) as refused:
        rounds.snapshot("a", ring)
    assert refused.value.code == "unit-unknown"


def test_a_round_cannot_close_before_it_opens() -> None:
    unit = rounds.snapshot("ward", TREE)
    with pytest.raises(DomainError) as refused:
        rounds.open_round(release(), unit, NOW, NOW)
    assert refused.value.code == "window-over"


def test_a_round_is_open_for_a_year_at_most() -> None:
    unit, year = rounds.snapshot("ward", TREE), timedelta(days=366)
    assert rounds.open_round(release(), unit, NOW, NOW + year)
    with pytest.raises(DomainError) as refused:
        rounds.open_round(release(), unit, NOW, NOW + year + timedelta(seconds=1))
    assert refused.value.code == "window-too-long"


def test_closing_happens_once() -> None:
    closed, event = rounds.close(a_round(release()), NOW)
    assert event
    assert rounds.close(closed, NOW + timedelta(days=1)) == (closed, None)


def out(round_: rounds.Round) -> rounds.Round:
    return replace(round_, release=replace(round_.release, released_at=NOW))


def test_a_round_is_not_anonymised_before_its_results_are_out() -> None:
    closed, _ = rounds.close(a_round(release()), NOW)
    with pytest.raises(DomainError, match="not released"):
        rounds.anonymise(closed, NOW)
    anonymised, event = rounds.anonymise(out(closed), NOW)
    assert (anonymised.status, event.at) == ("anonymised", NOW)


def test_only_a_closed_round_that_waits_is_written_off_and_once() -> None:
    opened = a_round(release())
    closed, _ = rounds.close(opened, NOW)
    written_off, event = rounds.write_off(closed, "Key lost.", NOW)
    assert (written_off.status, written_off.write_off_reason) == ("closed", "Key lost.")
    assert (event.round, event.at) == (written_off, NOW)
    for other in (opened, out(closed), written_off):
        with pytest.raises(DomainError) as refused:
            rounds.write_off(other, "Key lost.", NOW)
        assert refused.value.code == "round-not-waiting"


def test_a_release_is_of_one_kind_and_closed_when_it_is_out() -> None:
    mine = release()
    rounds.check_release(mine, mine)
    for other, code in [
        (replace(mine, occasion="follow_up"), "release-mismatch"),
        (replace(mine, instrument_version=2), "release-mismatch"),
        (replace(mine, released_at=NOW), "release-already-out"),
    ]:
        with pytest.raises(DomainError) as refused:
            rounds.check_release(mine, other)
        assert refused.value.code == code


def test_a_tree_is_walked_bottom_up_and_keeps_the_first_place_of_a_unit() -> None:
    tree = UnitTree([("root", "a", "x"), ("root", "b", "a", "y")])
    order = list(tree.bottom_up())
    assert all(order.index(child) < order.index(tree.path(child)[-2]) for child in "xya")
    assert tree.path("y") == ("root", "a", "y")
    assert tree.roots == ["root"]


def test_a_participation_key_is_of_one_person_and_one_round() -> None:
    one, two = b"a" * 32, b"b" * 32
    keys = {
        participation_key(one, "issuer", "a"),
        participation_key(one, "issuer", "b"),
        participation_key(one, "other", "a"),
        participation_key(two, "issuer", "a"),
    }
    assert len(keys) == 4
    assert participation_key(one, "issuer", "a") in keys
