"""G48: nothing can be derived from what the service's own code publishes; and the auditor finds
every seeded defect."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from assessment_service.domain.privacy_rule import PrivacyRule
from auditor import linear
from auditor.audit import audit
from auditor.brute_force import derivable_sets
from auditor.linear import TooManyError, smallest_sets
from auditor.published import Cell, Published, Release
from unit.auditor import defects
from unit.auditor.hostile import BASE, HOSTILE, Scenario, scores, unit
from unit.auditor.platform import SAME_TIME, START, Asked, Platform, Publish, by_the_rule
from unit.auditor.samples import asked, moved, organisation


def simulated(seed: int, publish: Publish = by_the_rule, *, has_register: bool = True) -> Platform:
    """A random release, and for every third seed one or two more of other rollouts that ask some of
    the same people, partly in another tree."""
    random = Random(seed)
    k = random.choice((5, 7))
    platform = Platform(PrivacyRule(k), publish, has_register)
    units = asked(random, organisation(random), k)
    platform.release(units)
    for number in range(random.randint(1, 2) if seed % 3 == 0 else 0):
        again = [one for one in units if random.random() < 0.6] or units
        again = moved(random, again) if random.random() < 0.5 else again
        new = [(*path[:-1], f"new-{number}-{path[-1]}") for path in organisation(random, 4)]
        day = random.choice((0, 30, 89, 120))
        platform.release(again + asked(random, new, k), rollout=f"rollout-{number}", day=day)
    return platform


def played(
    scenario: Scenario, publish: Publish = by_the_rule, *, has_register: bool = True
) -> Platform:
    platform = Platform(publish=publish, has_register=has_register)
    for units, rollout, day in scenario:
        platform.release(units, rollout=rollout, day=day)
    return platform


def test_nothing_is_derivable_from_several_hundred_random_releases() -> None:
    cells = 0
    for seed in range(500):
        report = simulated(seed).audit()
        assert report.findings == (), (seed, report.as_text())
        cells += report.cells
    assert cells > 1500  # the rule does not just hide everything


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_derivable_from_a_hostile_release(name: str) -> None:
    report = played(HOSTILE[name]).audit()
    assert report.findings == (), report.as_text()


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        (defects.threshold_only, "groups"),
        (defects.empties_let_through, "groups"),
        (defects.agreement_undone, "agreement"),
        (defects.bands_per_unit, "numbers"),
    ],
)
def test_the_auditor_finds_a_seeded_defect(defect: Publish, check: str) -> None:
    found = [one for seed in range(100) for one in simulated(seed, defect).audit().findings]
    assert len([one for one in found if one.check == check]) > 5


def test_the_auditor_finds_a_second_rollout_that_no_register_stops() -> None:
    report = played(HOSTILE["a second rollout without one unit"], has_register=False).audit()
    assert [one.check for one in report.findings] == ["groups"]
    assert report.findings[0].units == ("s",)
    some = [simulated(seed, has_register=False).audit() for seed in range(0, 90, 3)]
    assert sum(bool(report.findings) for report in some) > 3


def test_the_auditor_finds_a_value_that_fixes_everybody() -> None:
    highest = [Asked(("r", "a"), 9, scores(*[100] * 7, 80, 80))]
    report = played([(highest, "rollout", 0)], defects.ends_not_coded).audit()
    assert {one.check for one in report.findings} == {"extremes"}


def test_the_auditor_finds_a_value_near_an_end_by_subtraction() -> None:
    scenario = HOSTILE["two small units near the top"]
    report = played(scenario, defects.threshold_only).audit()
    words = [one.words for one in report.findings if one.check == "extremes"]
    assert any("of the 7 people only in d" in one for one in words), report.as_text()


def test_two_occasions_of_a_rollout_are_a_known_limit_and_are_counted() -> None:
    without = [one for one in BASE if one.unit_id != "s"]
    near = played([(BASE, "rollout", 0), (without, "rollout", 30)]).audit()
    far = played([(BASE, "rollout", 0), (without, "rollout", 120)]).audit()
    assert (near.findings, far.findings) == ((), ())
    assert [one.units for one in near.notices if one.check == "groups"] == [("s",)]
    assert not [one for one in far.notices if one.check == "groups"]


def test_a_large_region_is_checked_completely() -> None:
    units = [unit(f"r.{n // 50}.{n // 10}.{n}", (3, 8, 12, 20)[n % 4]) for n in range(400)]
    report = played([(units, "rollout", 0)]).audit()
    assert report.findings == ()
    assert report.cells > 300


def test_both_methods_find_the_same_groups() -> None:
    random = Random(11)
    for _ in range(200):
        paths = {path[-1]: path for path in organisation(random, 7)}
        nodes = {node for path in paths.values() for node in path}
        published = {node for node in nodes if random.random() < 0.6}
        every = derivable_sets(paths, published)
        smallest = {one for one in every if not any(other < one for other in every)}
        rows = {frozenset(u for u, path in paths.items() if n in path) for n in published}
        assert set(smallest_sets(rows)) == smallest


def test_groups_follow_from_values_that_are_no_tree() -> None:
    rows = [frozenset("abc"), frozenset("bcd"), frozenset("ad")]
    assert {frozenset("a"), frozenset("d"), frozenset("bc")} == set(smallest_sets(rows))


def test_what_cannot_be_tried_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "MOST_TRIED", 100)
    random = Random(3)
    rows = [frozenset(str(n) for n in random.sample(range(60), 12)) for _ in range(30)]
    with pytest.raises(TooManyError):
        smallest_sets(rows)


def test_what_cannot_be_tried_in_one_rollout_is_reported_across_rollouts_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def release(rollout: str, **groups: str) -> Release:
        cells = [Cell(group, (group,), True, None, {}) for group in groups]
        cells += [Cell(u, (g, u), False, None, {}) for g, units in groups.items() for u in units]
        headcounts = dict.fromkeys("".join(groups.values()), 20)
        return Release(str(groups), rollout, "baseline", (START, START), tuple(cells), headcounts)

    first, second = release("one", x="ab", y="cd"), release("one", x="bc", y="da")
    monkeypatch.setattr(linear, "MOST_TRIED", 5)  # enough for each alone, not for both together
    together = audit(Published(7, SAME_TIME, (first, second)))
    assert ([one.check for one in together.notices], together.findings) == (["not checked"], ())
    report = audit(Published(7, SAME_TIME, (first, second, release("two", x="ae"))))
    assert [one.check for one in report.findings] == ["not checked"]


def test_the_program_reads_a_file_and_reports(tmp_path: Path) -> None:
    cells = [
        {"unit_id": u, "path": p, "shown": u != "s", "band": None, "indexes": {"creativity": 50}}
        for u, p in (("r", ["r"]), ("a", ["r", "a"]), ("s", ["r", "s"]))
    ]
    release = {
        "release_id": "1",
        "rollout_id": "1",
        "occasion": "baseline",
        "closed": ["2026-03-02T08:00:00+00:00"] * 2,
        "headcounts": {"a": 12, "s": 4},
        "cells": cells,
    }
    file = tmp_path / "published.json"

    def run(document: object, *options: str) -> tuple[int, str]:
        file.write_text(json.dumps(document), encoding="utf-8")
        command = [sys.executable, "-m", "auditor", str(file), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    document = {"k": 7, "same_time_days": 90, "releases": [release]}
    code, words = run(document)
    assert code == 1
    assert "the value of s follows from published values and has 4 people" in words
    code, words = run(document, "--json")
    report = json.loads(words)
    assert report["findings"][0]["units"] == ["s"]
    assert report["checked"] == {"groups": 2, "numbers": 2, "extremes": 2}
    code, words = run({"k": 7})
    assert (code, words.strip()) == (
        2,
        f"{file} cannot be read: the field 'same_time_days' is missing",
    )
