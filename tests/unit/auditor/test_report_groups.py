"""Units that are reported together: nothing more can be worked out from their common value."""

from dataclasses import replace
from random import Random

from assessment_service.domain.report_group import propose
from assessment_service.domain.round import UnitSnapshot
from unit.auditor.hostile import scores
from unit.auditor.platform import Asked, Platform
from unit.auditor.samples import asked, moved, organisation

K = 7


def joined(random: Random, units: list[Asked]) -> list[list[str]]:
    """What the platform proposes, or any units at all."""
    snapshots = [UnitSnapshot(u.unit_id, u.unit_id, u.path, u.headcount) for u in units]
    if random.random() < 0.5:
        return [list(group) for group in propose(snapshots, K).groups]
    names = [one.unit_id for one in units]
    random.shuffle(names)
    sizes = [random.randint(2, 3) for _ in range(len(names) // 4)]
    return [[names.pop() for _ in range(size)] for size in sizes]


def test_nothing_is_derivable_from_random_releases_with_groups() -> None:
    together = 0
    for seed in range(300):
        random = Random(seed)
        units = asked(random, organisation(random), K)
        groups = joined(random, units)
        platform = Platform()
        cells = platform.release(units, groups=groups)
        if seed % 3 == 0:
            again = [one for one in units if random.random() < 0.6] or units
            platform.release(moved(random, again), rollout="other", day=random.choice((0, 89, 120)))
        report = platform.audit()
        assert report.findings == (), (seed, report.as_text())
        together += sum(bool(cell.together) for cell in cells)
    assert together > 100  # groups are shown


def test_the_auditor_finds_a_common_value_that_is_said_to_be_of_one_unit() -> None:
    platform = Platform()
    units = [
        Asked(("r", "a"), 4, scores(0, 50, 75, 100)),
        Asked(("r", "b"), 4, scores(25, 50, 50, 75)),
    ]
    cells = platform.release(units, groups=[["a", "b"]])
    assert any(cell.together for cell in cells)
    assert platform.audit().findings == ()
    platform.released = [replace(platform.released[0], groups=())]
    assert {finding.check for finding in platform.audit().findings} >= {"groups"}
