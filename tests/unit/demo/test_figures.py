"""The figures read from events: the timeline, and which release stands for a wave."""

from demo.figures import before_after, by_topic, timeline, units_shown
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


def test_before_and_after_belong_to_waves() -> None:
    waves = before_after(synthetic.records())
    assert [wave["wave"] for wave in waves] == [0, 1, 2, 3]
    assert waves[0]["baseline"]["visibility"] == "hidden"
    assert waves[1]["follow_up"]["behaviours"]["engagement"] is not None


def test_the_release_of_a_unit_alone_does_not_stand_for_its_wave() -> None:
    alone = synthetic.record(
        "assessment.round.opened.v1",
        60,
        unit_id="servicedesk",
        occasion="follow_up",
        release_id="alone",
    )
    hidden = synthetic.record(
        "external.results.released.v1",
        61,
        release_id="alone",
        occasion="follow_up",
        visibility="hidden",
        behaviours=[],
    )
    waves = before_after([*synthetic.records(), alone, hidden])
    assert waves[1]["follow_up"]["visibility"] == "shown"


def test_counts_by_topic_and_visibility() -> None:
    topics = by_topic(synthetic.records())
    assert topics[0]["topic"] == "workflow.journey"
    assert {entry["topic"] for entry in topics if entry["external"]} == {"external.results"}
    shown = synthetic.record(
        "assessment.results.released.v1", 1, occasion="baseline", visibility="shown"
    )
    assert units_shown([shown]) == {"baseline": {"shown": 1}}
