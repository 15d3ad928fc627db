"""Pictures: a unit before and after, and when waves start."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from portal_service.domain import bar, comparison, wave_axis
from portal_service.domain.comparison import Change, changes_of
from portal_service.domain.wave_axis import axis_of
from portal_service.domain.wave_range import ALL, Range, range_by
from portal_service.entrypoints.pages import STOCKHOLM
from unit.portal import answers
from unit.portal.portal import Browser
from unit.portal.test_pages import PAGES, shown

NOW = datetime.fromisoformat("2026-03-10T00:00:00+01:00")


def results(before: int | None, after: int | None) -> list[dict[str, Any]]:
    return [
        {
            **answers.result(),
            "occasion": occasion,
            "behaviours": [{"code": "creativity", "index": i}],
        }
        for occasion, i in (("baseline", before), ("follow_up", after))
    ]


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        (50, 60, "more"),
        (60, 50, "less"),
        (50, 55, "unclear"),
        (55, 50, "unclear"),
        (0, 100, "more"),
        (None, 50, "hidden"),
        (50, None, "hidden"),
    ],
)
def test_a_small_difference_says_nothing(
    before: int | None, after: int | None, direction: str
) -> None:
    [change] = changes_of(results(before, after))
    assert change == Change("creativity", before, after)
    assert change.direction == direction


def test_what_is_hidden_once_is_not_compared() -> None:
    assert changes_of([answers.result(), answers.hidden_result()]) == []
    assert changes_of([answers.result()]) == []


def test_the_picture_of_a_change_stays_inside() -> None:
    assert 7 <= comparison.place(0) < comparison.place(100) <= comparison.WIDTH - 7


async def test_a_unit_is_shown_before_and_after(signed_in: Browser) -> None:
    found = answers.page(*results(40, 75))
    signed_in.services.answers["assessment", "/results"] = found
    text = "".join((await signed_in.get("/units/rehab")).text.splitlines())
    assert "<td>40</td><td>75</td><td>oftare än förut</td>" in text
    assert 'class="after"' in text


@pytest.mark.parametrize(("value", "x"), [(0, 8), (50, 68), (100, 128), (-1, 8), (1000, 128)])
def test_a_value_stands_on_its_scale(value: float, x: float) -> None:
    assert bar.place(value) == x
    assert bar.place(value / 2, 0, 50) == x


async def test_participation_is_drawn_before_and_after(signed_in: Browser) -> None:
    """With the range that was released, also once two self-assessments are compared."""
    found = answers.page(*results(40, 75))
    signed_in.services.answers["assessment", "/results"] = found
    text = (await signed_in.get("/units/rehab")).text
    for occasion in ("baseline", "follow_up"):
        assert f'<desc id="took-part-{occasion}-desc">75-89 %</desc>' in text
    assert '<path class="amount" d="M98.0 10H114.8"/>' in text
    signed_in.services.answers["assessment", "/results"] = answers.page(answers.hidden_result())
    assert "took-part" not in (await signed_in.get("/units/rehab")).text


async def test_a_criterion_is_drawn_with_its_threshold_unless_hidden(signed_in: Browser) -> None:
    text = (await signed_in.get(f"/rollouts/{answers.ID}")).text
    assert "criterion-1-" not in text, "hidden"
    assert "61,2&nbsp;%; tröskeln är 60&nbsp;%</desc>" in text
    assert '<path class="threshold" d="M80.0 2V18"/>' in text


@pytest.mark.parametrize("name", ["unit", "rollout", "profile", "board"])
async def test_each_picture_has_a_title_and_a_description(signed_in: Browser, name: str) -> None:
    signed_in.services.answers["assessment", "/results"] = answers.page(*results(40, 75))
    text = await shown(signed_in, PAGES[name])
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    drawn = re.findall(r'<svg[^>]* aria-labelledby="(\S+)-title \1-desc"', text)
    assert drawn
    assert len(drawn) + len(re.findall(r'<svg[^>]* aria-hidden="true"', text)) == text.count("<svg")
    for one in drawn:
        assert re.search(rf'<title id="{one}-title">[^<]+</title>', text)
        assert re.search(rf'<desc id="{one}-desc">[^<]+</desc>', text)


def wave(number: int, day: str | None, status: str = "planned") -> dict[str, Any]:
    start = f"{day}T00:00:00+01:00" if day else None
    return {"wave": number, "status": status, "planned_start": start}


def test_waves_stand_in_the_order_of_their_days_with_now_among_them() -> None:
    waves = [wave(0, None), wave(1, "2026-03-01", "completed"), wave(2, "2026-03-20")]
    axis = axis_of(waves, NOW)
    assert axis is not None
    first, second = axis.starts
    assert (first.wave, first.status, second.status) == (1, "completed", "waiting")
    assert axis.now is not None
    assert 0 < first.x < axis.now < second.x < wave_axis.WIDTH
    assert axis.shortened == ()


def test_a_long_gap_is_drawn_shorter_and_marked() -> None:
    days = ("2026-03-01", "2026-03-08", "2026-03-15", "2026-09-01")
    axis = axis_of([wave(n, day) for n, day in enumerate(days)], NOW)
    assert axis is not None
    [gap] = axis.shortened
    assert axis.starts[2].x < gap < axis.starts[3].x
    assert axis.starts[3].x - axis.starts[2].x < wave_axis.WIDTH * 0.7


def test_waves_on_one_day_share_a_label() -> None:
    axis = axis_of([wave(n, "2026-03-01") for n in range(3)], NOW)
    assert axis is not None
    assert [one.labelled for one in axis.starts] == [True, False, False]


def test_one_wave_or_one_moment_is_no_picture() -> None:
    assert axis_of([wave(0, None), wave(1, "2026-03-01")], NOW) is None
    assert axis_of([wave(n, "2026-03-10") for n in range(2)], NOW) is None


TODAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({}, ALL),
        ({"days": "all"}, ALL),
        ({"days": "quarter"}, Range("quarter", TODAY, date(2026, 6, 10))),
        ({"days": "year"}, Range("year", TODAY, date(2027, 3, 10))),
        ({"from": "2026-01-02"}, Range("between", date(2026, 1, 2), None)),
        ({"to": "2026-01-02", "days": "year"}, Range("between", None, date(2026, 1, 2))),
        ({"from": "x", "to": "2026-13-01", "days": "<script>"}, ALL),
    ],
)
def test_an_address_says_which_days_are_shown(typed: dict[str, str], shown: Range) -> None:
    assert range_by(typed, TODAY) == shown


WAVES = [wave(n, day) for n, day in enumerate(("2026-01-05", "2026-03-20", "2026-06-10"))]


@pytest.mark.parametrize(
    ("typed", "waves", "has_now"),
    [
        ({}, [0, 1, 2], True),
        ({"days": "quarter"}, [1, 2], True),
        ({"from": "2026-03-20", "to": "2026-03-20"}, [1], False),
        ({"to": "2026-03-19"}, [0], True),
        ({"from": "2026-06-11"}, [], False),
        ({"from": "2026-06-10", "to": "2026-01-05"}, [], False),
    ],
)
def test_the_picture_has_the_days_of_its_range(
    typed: dict[str, str], waves: list[int], has_now: bool
) -> None:
    axis = axis_of(WAVES, NOW, range_by(typed, TODAY))
    assert axis is not None
    assert [one.wave for one in axis.starts] == waves
    assert (axis.now is not None) == has_now
    assert all(0 < one.x < wave_axis.WIDTH for one in axis.starts)


def test_gaps_in_a_range_are_shortened_by_what_is_usual_there() -> None:
    days = ("2026-03-01", "2026-03-08", "2026-03-15", "2026-09-01")
    waves = [wave(n, day) for n, day in enumerate(days)]
    axis = axis_of(waves, NOW, range_by({"to": "2026-03-31"}, TODAY))
    assert axis is not None
    assert axis.shortened == ()


@pytest.mark.parametrize("path", ["/timetable", f"/rollouts/{answers.ID}"])
async def test_days_are_chosen_in_the_address(signed_in: Browser, path: str) -> None:
    planned = {"waves": [one | answers.rollout()["waves"][0] | one for one in WAVES]}
    signed_in.services.answers |= {
        ("workflow", f"/rollouts/{answers.ID}"): answers.rollout() | planned,
        ("workflow", "/public/timetable"): answers.page(answers.timetable() | planned),
    }
    text = (await signed_in.get(path)).text
    assert re.findall(r'aria-current="true">([^<]*)', text) == ["Alla vågor"]
    assert "Våg 2: 10 juni 2026." in text
    text = (await signed_in.get(f"{path}?from=2026-01-01&to=2026-04-01")).text
    assert 'name="from" value="2026-01-01"' in text
    assert "Våg 1: 20 mars 2026." in text
    assert "Våg 2: 10 juni 2026." not in text
    assert "10 juni 2026" in text, "the table has all"
    text = (await signed_in.get(f"{path}?from=2030-01-01")).text
    assert "Ingen våg startar under dessa dagar" in text
    assert '<title id="axis' not in text


async def test_a_wave_that_started_today_is_behind_now(browser: Browser) -> None:
    today = datetime.now(STOCKHOLM)
    days = (today - timedelta(days=1), today)
    waves = [wave(n, None, "completed") | {"planned_start": str(at)} for n, at in enumerate(days)]
    planned = {"waves": [answers.rollout()["waves"][0] | one for one in waves]}
    timetable = answers.page(answers.timetable() | planned)
    browser.services.answers["workflow", "/public/timetable"] = timetable
    text = (await browser.get("/timetable")).text
    [now] = re.findall(r'class="now" d="M([\d.]+)', text)
    starts = re.findall(r'class="sign-completed"[^>]* d="M([\d.]+) 24', text)
    assert len(starts) == 2
    assert all(float(start) < float(now) for start in starts)


async def test_the_choice_of_days_keeps_the_language(browser: Browser) -> None:
    planned = {"waves": [one | answers.rollout()["waves"][0] | one for one in WAVES]}
    timetable = answers.page(answers.timetable() | planned)
    browser.services.answers["workflow", "/public/timetable"] = timetable
    text = (await browser.get("/timetable?language=en")).text
    assert "/timetable?language=en&amp;days=year#timetable" in text
    assert '<input type="hidden" name="language" value="en">' in text
