"""One person's sheet: what is accepted, how it is stored, and how it is scored."""

from random import Random

import pytest

from assessment_service.domain import scoring, sheet
from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.scoring import Group
from unit.assessment.builders import answers, instrument

ENGAGEMENT = [f"engagement-{number}" for number in range(1, 5)]


def engagement(*values: int | None, min_answered: int = 2) -> int | None:
    """The score of a sheet with these answers to the behaviour's four items."""
    given = dict(zip(ENGAGEMENT, values, strict=False))
    return scoring.profile(instrument(min_answered=min_answered), given)["engagement"]


@pytest.mark.parametrize(
    ("values", "score"),
    [
        ((1, 1, 1, 1), 0),
        ((5, 5, 5, 5), 100),
        ((3, 3, 3, 3), 50),
        ((1, 2, 3, 5), 44),  # mean 2.75: 43.75
        ((4, 5, None, None), 88),  # 87.5, rounded half up
        ((4, 5), 88),  # left out counts as not applicable
        ((4, None, None, None), None),  # too few
        ((), None),
    ],
)
def test_a_score_is_the_mean_on_a_scale_to_100(
    values: tuple[int | None, ...], score: int | None
) -> None:
    assert engagement(*values) == score


def test_the_rule_for_missing_items_is_the_instruments() -> None:
    assert engagement(4, min_answered=1) == 75
    assert engagement(4, 4, 4, min_answered=4) is None


def test_the_label_is_the_nearest_answer() -> None:
    labels = [scoring.label(instrument(), score)["en"] for score in (0, 12, 13, 50, 88, 100)]
    assert labels == ["never", "never", "seldom", "sometimes", "always", "always"]


@pytest.mark.parametrize(
    ("group", "index"),
    [
        (Group([0, 100]), 50),
        (Group([52]), 50),
        (Group([53]), 55),
        (Group([100]), 90),
        (Group([3]), 10),
    ],
)
def test_a_groups_index_comes_in_steps_of_five(group: Group, index: int) -> None:
    assert scoring.published_index(group) == index


def test_what_is_stored_comes_back() -> None:
    random, asked = Random(1), instrument()
    for _ in range(200):
        given = {
            item.item_id: random.choice((None, 1, 2, 3, 4, 5))
            for item in asked.items
            if random.random() < 0.8
        }
        stored = sheet.encode(asked, given)
        assert len(stored) == len(asked.items)
        assert sheet.decode(asked, stored) == given


@pytest.mark.parametrize("value", [0, 6, -1, 10**9])
def test_an_answer_out_of_scale_is_refused(value: int) -> None:
    with pytest.raises(DomainError) as refused:
        sheet.check(instrument(), {"engagement-1": value, "engagement-2": 3})
    assert refused.value.code == "answers-invalid"
    assert refused.value.errors == [
        {"pointer": "/answers/engagement-1", "detail": "Answer 1 to 5."}
    ]


def test_not_applicable_needs_an_instrument_that_has_it() -> None:
    given = answers(3) | {"engagement-1": None}
    sheet.check(instrument(), given)
    with pytest.raises(DomainError, match="do not fit"):
        sheet.check(instrument(not_applicable=False), given)


@pytest.mark.parametrize("given", [{}, answers(None)])
def test_a_sheet_without_any_answer_is_refused(given: dict[str, int | None]) -> None:
    with pytest.raises(DomainError, match="at least one"):
        sheet.check(instrument(), given)


def test_every_behaviour_has_a_place_in_a_profile() -> None:
    assert tuple(scoring.profile(instrument(), answers(2))) == BEHAVIOURS
