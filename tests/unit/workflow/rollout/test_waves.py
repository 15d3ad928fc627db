"""Waves take every unit once, in order, no more than fit."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unit.workflow.clock import NOW
from workflow_service.domain.duration import Duration
from workflow_service.domain.errors import DomainError
from workflow_service.domain.rollout.waves import MAX_WAVES, Prerequisite, Wave, plan_waves

GAP = Duration(months=0, exact=timedelta(days=14))


def test_the_largest_units_first() -> None:
    waves = plan_waves({"a": 5, "b": 60, "c": 60, "d": 9}, 2, "headcount", GAP, NOW)

    assert [wave.unit_ids for wave in waves] == [("b", "c"), ("d", "a")]
    assert [wave.planned_start - NOW for wave in waves] == [timedelta(), timedelta(days=14)]


def test_by_unit_id() -> None:
    waves = plan_waves({"c": 5, "a": 60, "b": 9}, 2, "unit_id", GAP, NOW)

    assert [wave.unit_ids for wave in waves] == [("a", "b"), ("c",)]


@pytest.mark.parametrize("years", [4, 100])
def test_a_timetable_is_ten_years_at_most(years: int) -> None:
    units, gap = dict.fromkeys(map(str, range(200)), 9), Duration(12 * years, timedelta())
    with pytest.raises(DomainError, match="ten years at most") as caught:
        plan_waves(units, 1, "unit_id", gap, NOW)
    assert (caught.value.code, caught.value.kind) == ("timetable-too-long", "conflict")
    assert len(plan_waves(units, 100, "unit_id", Duration(12 * 4, timedelta()), NOW)) == 2


def test_a_timetable_has_so_many_waves_at_most() -> None:
    units = dict.fromkeys(map(str, range(MAX_WAVES + 1)), 9)
    with pytest.raises(DomainError, match="501 waves") as caught:
        plan_waves(units, 1, "unit_id", Duration(0, timedelta()), NOW)
    assert (caught.value.code, caught.value.kind) == ("too-many-waves", "conflict")


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(1, 99), max_size=30),
    st.integers(1, 12),
    st.sampled_from(["headcount", "unit_id"]),
)
def test_every_unit_once(headcounts: dict[str, int], size: int, order: str) -> None:
    waves = plan_waves(headcounts, size, order, GAP, NOW)  # type: ignore[arg-type]

    planned = [unit for wave in waves for unit in wave.unit_ids]
    assert sorted(planned) == sorted(headcounts)
    assert all(0 < len(wave.unit_ids) <= size for wave in waves)
    assert [wave.number for wave in waves] == list(range(1, len(waves) + 1))


def test_what_the_law_asks_is_missing_until_recorded() -> None:
    wave = Wave(1, "planned", NOW)
    assert wave.missing == ("risk_assessment", "joint_consultation")

    recorded = Prerequisite("risk_assessment", "RV 2026-0007", date(2026, 2, 1), "administrator")
    assert Wave(1, "planned", NOW, (recorded,)).missing == ("joint_consultation",)
