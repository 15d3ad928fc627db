"""The figures read from events: the timeline, before and after, and what was published."""

from demo.evidence import Record
from demo.figures import before_after, by_topic, participation, releases, timeline, timetable
from unit.demo import synthetic


def test_a_journey_becomes_steps_without_gaps() -> None:
    line = timeline(synthetic.records(), synthetic.units())
    assert len(line["units"]) == 40
    first = line["units"][0]
    assert [span["step"] for span in first["steps"]] == list(synthetic.STEPS)
    ends = [span["to"] for span in first["steps"][:-1]]
    assert ends == [span["from"] for span in first["steps"][1:]]
    assert first["after_care_on"] == ["2026-09-02", "2027-03-02"]


def test_units_are_ordered_by_wave_and_pauses_and_marks_are_kept() -> None:
    line = timeline(synthetic.records(), synthetic.units())
    waves = [unit["wave"] for unit in line["units"]]
    assert waves == sorted(waves)
    paused = next(unit for unit in line["units"] if unit["pauses"])
    assert (paused["unit_id"], paused["pauses"]) == ("servicedesk", [{"from": 33.0, "to": 38.0}])
    assert [mark["kind"] for mark in line["marks"]] == ["gate", "override", "decision"]


def test_nothing_happened_yet() -> None:
    assert timeline([], synthetic.units())["units"] == []


def test_a_wave_keeps_its_first_plan_and_when_it_started_and_was_completed() -> None:
    assert timetable(synthetic.records()) == {
        1: {
            "planned_start": synthetic.PLANNED,
            "started_at": "2026-03-02T08:00:30+00:00",
            "completed_at": "2026-03-02T08:01:00+00:00",
        }
    }


def test_participation_is_counted_by_band_and_never_by_unit() -> None:
    pilot = participation(synthetic.records())[0]
    assert (pilot["wave"], pilot["occasion"], pilot["hidden"]) == (0, "baseline", 1)
    assert {band: units for band, units in pilot["bands"].items() if units} == {"75-89": 3}


def journeys(wave: int, *unit_ids: str) -> list[Record]:
    started = "workflow.journey.started.v1"
    return [synthetic.record(started, 0, unit_id=unit_id, wave=wave) for unit_id in unit_ids]


def test_before_and_after_belong_to_waves() -> None:
    waves = before_after(synthetic.records())
    assert [wave["wave"] for wave in waves] == [0, 1, 2, 3]
    assert waves[0]["not_compared"] == {"hidden": 1, "missing": 0}
    assert waves[0]["behaviours"]["creativity"] == {"units": 3, "before": 60, "after": 65}


def test_only_units_that_are_shown_both_before_and_after_are_compared() -> None:
    """Otherwise units that are hidden at one occasion only would look like a change."""
    results = [
        synthetic.unit_results("a", "baseline"),
        synthetic.unit_results("a", "follow_up"),
        synthetic.unit_results("b", "baseline", add=10),
        synthetic.unit_results("b", "follow_up", add=10),
        synthetic.unit_results("hidden-before", "baseline", hidden=True),
        synthetic.unit_results("hidden-before", "follow_up", add=40),
        synthetic.unit_results("hidden-after", "baseline", add=-50),
        synthetic.unit_results("hidden-after", "follow_up", hidden=True),
        synthetic.unit_results("no-follow-up", "baseline", add=-50),
    ]
    units = ("a", "b", "hidden-before", "hidden-after", "no-follow-up")
    (wave,) = before_after([*journeys(1, *units), *results])
    assert wave["units"] == 5
    assert wave["not_compared"] == {"hidden": 2, "missing": 1}
    assert wave["behaviours"]["engagement"] == {"units": 2, "before": 55, "after": 55}


def test_a_behaviour_that_is_hidden_for_a_unit_leaves_that_unit_out() -> None:
    results = [synthetic.unit_results(u, o) for u in "abc" for o in ("baseline", "follow_up")]
    results[-1].data["behaviours"][0]["index"] = None
    (wave,) = before_after([*journeys(1, *"abc"), *results])
    compared = [wave["behaviours"][code]["units"] for code in ("engagement", "consideration")]
    assert compared == [2, 3]


def test_a_single_unit_does_not_stand_for_a_wave() -> None:
    results = [synthetic.unit_results("a", occasion) for occasion in ("baseline", "follow_up")]
    (wave,) = before_after([*journeys(1, "a"), *results])
    assert set(wave["behaviours"].values()) == {None}


def test_releases_are_shown_as_they_were_published() -> None:
    alone = {"unit_id": "servicedesk", "occasion": "follow_up", "release_id": "alone"}
    opened = synthetic.record("assessment.round.opened.v1", 60, **alone)
    hidden = synthetic.record(
        "external.results.released.v1",
        61,
        release_id="alone",
        occasion="follow_up",
        visibility="hidden",
        behaviours=[],
    )
    found = releases([*synthetic.records(), opened, hidden])
    assert len(found) == 9
    assert (found[0]["waves"], found[0]["units"], found[0]["visibility"]) == ([0], 4, "hidden")
    assert found[2]["behaviours"]["engagement"] == 50
    assert (found[-1]["units"], found[-1]["visibility"]) == (1, "hidden")
    assert set(found[-1]["behaviours"].values()) == {None}


def test_counts_by_topic() -> None:
    topics = by_topic(synthetic.records())
    assert topics[0]["topic"] == "workflow.journey"
    assert {entry["topic"] for entry in topics if entry["external"]} == {"external.results"}
