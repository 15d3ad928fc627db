"""From closed rounds to released cells."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from uuid import uuid4

from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.privacy_rule import FLOOR, PrivacyRule
from assessment_service.domain.results import hidden_cell, region_cell, release_cells
from assessment_service.domain.round_answers import RoundAnswers
from assessment_service.domain.scoring import Profile
from auditor.brute_force import leaks
from unit.assessment.builders import crowd_of, instrument

RULE, ASKED = PrivacyRule(), instrument()
SPREAD = (25, 50, 50, 50, 75, 75, 100, 100)


def people(scores: tuple[int | None, ...]) -> list[Profile]:
    return [dict.fromkeys(BEHAVIOURS, score) for score in scores]


def closed(
    unit_id: str, profiles: Sequence[Profile], *above: str, headcount: int = 20
) -> RoundAnswers:
    crowd = crowd_of(profiles)
    return RoundAnswers(uuid4(), unit_id, (*above, unit_id), headcount, crowd)


def test_a_shown_cell_has_a_coarse_index_and_a_band_and_no_count() -> None:
    rounds = [closed("ward", people(SPREAD), "region", headcount=15)]
    region, ward = release_cells(rounds, ASKED, RULE)
    assert (ward.unit_id, ward.path, ward.shown) == ("ward", ("region", "ward"), True)
    assert ward.indexes == dict.fromkeys(BEHAVIOURS, 65)  # the mean is 65.6
    assert ward.participation_band == "0-74"
    assert region.indexes == ward.indexes


def test_hidden_and_empty_cells_are_the_same() -> None:
    rounds = [
        closed("small", people(SPREAD[:6]), "region"),
        closed("empty", [], "region"),
    ]
    cells = {cell.unit_id: cell for cell in release_cells(rounds, ASKED, RULE)}
    assert cells["small"] == hidden_cell("small", ("region", "small"))
    assert cells["empty"] == hidden_cell("empty", ("region", "empty"))
    assert not cells["region"].shown


def test_a_release_that_nobody_answered_is_hidden_everywhere() -> None:
    cells = release_cells([closed("ward", [], "region")], ASKED, RULE)
    assert [cell.shown for cell in cells] == [False, False]


def test_a_behaviour_that_fewer_than_five_answered_hides_the_whole_unit() -> None:
    everybody = people(SPREAD)
    for missing, shown in ((3, True), (4, False)):
        without = [{**profile, "creativity": None} for profile in everybody[:missing]]
        rounds = [closed("ward", without + everybody[missing:], "region")]
        _, ward = release_cells(rounds, ASKED, RULE)
        assert ward.shown is shown


def test_more_answers_than_people_hide_the_unit_and_protect_nobody() -> None:
    rounds = [closed("ward", people(SPREAD + SPREAD), "region", headcount=14)]
    assert not any(cell.shown for cell in release_cells(rounds, ASKED, RULE))
    rounds = [closed("ward", people(SPREAD + SPREAD), "region", headcount=15)]
    assert all(cell.shown for cell in release_cells(rounds, ASKED, RULE))


def test_people_of_another_recent_release_are_as_good_as_known() -> None:
    again = replace(closed("again", people(SPREAD), "region"), published_recently=True)
    small = closed("small", people(SPREAD[:6]), "region")
    cells = {cell.unit_id: cell for cell in release_cells([again, small], ASKED, RULE)}
    assert not any(cell.shown for cell in cells.values())
    assert cells["again"].hidden_because == "published_recently"
    assert cells["region"].hidden_because is None
    ward = closed("ward", people(SPREAD), "region")
    cells = {cell.unit_id: cell for cell in release_cells([again, ward], ASKED, RULE)}
    assert {unit_id for unit_id, cell in cells.items() if cell.shown} == {"region"}


def test_an_extreme_mean_is_published_as_10_or_90() -> None:
    high = [dict.fromkeys(BEHAVIOURS, score) for score in [100] * 8 + [75, 50]]
    _, ward = release_cells([closed("ward", high, "region", headcount=20)], ASKED, RULE)
    assert set(ward.indexes.values()) == {90}


def test_a_behaviour_that_all_answered_alike_hides_the_unit_and_its_parent() -> None:
    agreeing = [{**profile, "creativity": 75} for profile in people(SPREAD)]
    rounds = [
        closed("agreeing", agreeing, "region"),
        closed("ward", people(SPREAD), "region"),
        closed("clinic", people(SPREAD), "region"),
    ]
    cells = {cell.unit_id: cell for cell in release_cells(rounds, ASKED, RULE)}
    assert {unit_id for unit_id, cell in cells.items() if cell.shown} == {"ward", "clinic"}
    assert None not in cells["ward"].indexes.values()


def test_a_behaviour_that_is_not_asked_about_hides_nothing() -> None:
    items = tuple(item for item in ASKED.items if item.behaviour != "creativity")
    profiles = [{**profile, "creativity": None} for profile in people(SPREAD)]
    rounds = [closed("ward", profiles, "region")]
    _, ward = release_cells(rounds, replace(ASKED, items=items), RULE)
    assert [b for b, index in ward.indexes.items() if index is None] == ["creativity"]


def test_no_behaviour_of_a_random_release_leaks() -> None:
    random, shown = Random(99), 0
    for _ in range(60):
        rounds = [
            closed(
                f"unit-{number}",
                [
                    {b: random.choice((None, 0, 25, 50, 75, 100, 100)) for b in BEHAVIOURS}
                    for _ in range(random.choice((0, 4, 8, 14, 16)))
                ],
                *("region", f"branch-{random.randint(1, 3)}"),
            )
            for number in range(random.randint(1, 6))
        ]
        published = {c.unit_id for c in release_cells(rounds, ASKED, RULE) if c.shown}
        shown += len(published)
        paths = {r.unit_id: r.path for r in rounds}
        for behaviour in BEHAVIOURS:
            answered = {r.unit_id: r.crowd.scores[behaviour].total() for r in rounds}
            assert leaks(paths, answered, published, FLOOR) == []
    assert shown > 60


def test_other_systems_see_the_region_but_never_one_unit_alone() -> None:
    two = [closed("ward", people(SPREAD), "region"), closed("clinic", people(SPREAD), "region")]
    assert region_cell(release_cells(two, ASKED, RULE), two).shown
    assert not region_cell(release_cells(two[:1], ASKED, RULE), two[:1]).shown
    silent = [two[0], closed("clinic", [], "region")]  # which of them is silent stays unknown
    assert region_cell(release_cells(silent, ASKED, RULE), silent).shown
    forest = [two[0], closed("clinic", people(SPREAD), "elsewhere")]
    assert not region_cell(release_cells(forest, ASKED, RULE), forest).shown


def test_a_unit_that_moved_between_two_openings_is_published_in_one_place() -> None:
    rounds = [
        closed("ward", people(SPREAD), "region", "health"),
        closed("clinic", people(SPREAD), "region", "ward-group", "health"),
    ]
    cells = release_cells(rounds, ASKED, RULE)
    assert [cell.path for cell in cells if cell.unit_id == "health"] == [("region", "health")]
    assert len({cell.unit_id for cell in cells}) == len(cells)
    (group,) = [cell for cell in cells if cell.unit_id == "ward-group"]
    assert not group.shown  # nobody in its place was asked
