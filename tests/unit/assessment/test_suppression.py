"""The privacy rule against an auditor that shares no code and no method with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest

from assessment_service.domain.crowd import Crowd
from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.privacy_rule import PrivacyRule
from assessment_service.domain.scoring import Profile
from assessment_service.domain.suppression import AskedUnit, publishable
from assessment_service.domain.unit_tree import UnitTree
from auditor.brute_force import derivable_sets, leaks
from unit.assessment.builders import crowd_of, instrument

Paths = Mapping[str, tuple[str, ...]]
Publisher = Callable[[Paths, Mapping[str, int], Mapping[str, int], int], frozenset[str]]


def people(*scores: int | None) -> list[Profile]:
    """One person for each score, the same for every behaviour."""
    return [dict.fromkeys(BEHAVIOURS, score) for score in scores]


def random_tree(random: Random) -> Paths:
    """Up to eight units that are asked, one to three levels below the root."""
    paths: dict[str, tuple[str, ...]] = {}
    for number in range(random.randint(1, 8)):
        inner = [f"level-{d}-{random.randint(1, 2)}" for d in range(random.randint(0, 2))]
        if inner[1:]:
            inner[1] = f"{inner[0]}-{inner[1]}"
        paths[f"unit-{number}"] = ("root", *inner, f"unit-{number}")
    return paths


def by_the_rule(
    paths: Paths, answered: Mapping[str, int], invited: Mapping[str, int], k: int
) -> frozenset[str]:
    profiles = {unit: people(*((0, 100) * n)[:n]) for unit, n in answered.items()}
    return shown_of(paths, profiles, invited, k)


def shown_of(
    paths: Paths,
    profiles: Mapping[str, list[Profile]],
    headcounts: Mapping[str, int],
    k: int = 7,
) -> frozenset[str]:
    asked = {
        unit: AskedUnit(crowd(answers, headcounts[unit]), headcounts[unit])
        for unit, answers in profiles.items()
    }
    return publishable(UnitTree(paths.values()), asked, PrivacyRule(k), instrument())


def crowd(profiles: Sequence[Profile], headcount: int = 100) -> Crowd:
    found = crowd_of(profiles)
    return replace(found, persons=min(found.persons, headcount))


def primary_only(
    paths: Paths, answered: Mapping[str, int], invited: Mapping[str, int], k: int
) -> frozenset[str]:
    """The common mistake: every unit with k answers is shown, whatever can be subtracted."""
    nodes = {node for path in paths.values() for node in path}
    return frozenset(
        node for node in nodes if sum(answered[u] for u, p in paths.items() if node in p) >= k
    )


def on_invited(
    paths: Paths, answered: Mapping[str, int], invited: Mapping[str, int], k: int
) -> frozenset[str]:
    """Another: the rule is right, but counts those who were asked."""
    return by_the_rule(paths, invited, invited, k)


def empty_is_safe(
    paths: Paths, answered: Mapping[str, int], invited: Mapping[str, int], k: int
) -> frozenset[str]:
    """Another: a unit where nobody answered is left out, as if nobody had been asked."""
    some = {unit: path for unit, path in paths.items() if answered[unit]}
    return by_the_rule(some, {unit: answered[unit] for unit in some}, invited, k)


def audit(publisher: Publisher, trees: int = 300, seed: int = 20260302) -> int:
    """How many of the random trees leak when published so."""
    random, leaking = Random(seed), 0
    for _ in range(trees):
        paths = random_tree(random)
        k = random.choice((5, 7))
        invited = {unit: random.choice((2, 4, 8, 8, 12, 20)) for unit in paths}
        answered = {unit: random.randint(0, n) for unit, n in invited.items()}
        published = publisher(paths, answered, invited, k)
        leaking += bool(leaks(paths, answered, published, k))
    return leaking


def test_nothing_about_fewer_than_k_answers_can_be_derived() -> None:
    assert audit(by_the_rule) == 0


@pytest.mark.parametrize("defect", [primary_only, on_invited, empty_is_safe])
def test_the_auditor_sees_each_common_mistake(defect: Publisher) -> None:
    assert audit(defect, trees=100) > 3


def test_the_auditor_subtracts_siblings_from_their_parent() -> None:
    paths = {"a": ("root", "a"), "b": ("root", "b")}
    assert frozenset({"b"}) in derivable_sets(paths, {"root", "a"})
    assert derivable_sets(paths, {"root"}) == [frozenset({"a", "b"})]


@pytest.mark.parametrize(("answered", "shown"), [(6, False), (7, True), (8, True)])
def test_a_unit_is_shown_from_k_answers_on(answered: int, shown: bool) -> None:
    published = by_the_rule({"a": ("root", "a")}, {"a": answered}, {"a": 30}, 7)
    assert published == (frozenset({"root", "a"}) if shown else frozenset())


def test_one_small_unit_hides_the_smallest_of_its_siblings_and_not_their_parent() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "b", "small")}
    answered = {"a": 9, "b": 12, "small": 3}
    assert by_the_rule(paths, answered, answered, 7) == {"root", "top", "b"}


def test_two_small_units_protect_each_other() -> None:
    paths = {unit: ("root", unit) for unit in ("a", "small", "tiny")}
    answered = {"a": 9, "small": 4, "tiny": 3}
    headcounts = {"a": 9, "small": 5, "tiny": 4}
    assert by_the_rule(paths, answered, headcounts, 7) == {"root", "a"}


def test_two_small_units_do_not_if_it_were_clear_that_all_of_them_answered() -> None:
    paths = {unit: ("root", unit) for unit in ("a", "small", "tiny")}
    answered = {"a": 9, "small": 4, "tiny": 3}
    headcounts = {"a": 9, "small": 5, "tiny": 3}
    assert by_the_rule(paths, answered, headcounts, 7) == {"root"}


def test_a_small_unit_looks_the_same_however_many_of_it_answered() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "small")}
    for number in range(7):
        answered = {"a": 9, "small": number}
        shown = by_the_rule(paths, answered, {"a": 9, "small": 6}, 7)
        assert shown == {"root", "top"}, number


def test_a_unit_with_fewer_people_than_k_has_no_value_of_its_own() -> None:
    paths = {unit: ("root", unit) for unit in ("a", "one")}
    # Seven people with a token of a unit of one: the most that one person can be is one.
    assert by_the_rule(paths, {"a": 9, "one": 7}, {"a": 9, "one": 1}, 7) == {"root"}


def test_a_parent_of_shown_units_only_is_shown() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "b")}
    answered = {"a": 9, "b": 8}
    assert by_the_rule(paths, answered, answered, 7) == {"root", "top", "a", "b"}


def test_a_hidden_group_counts_again_higher_up() -> None:
    paths = {
        "a": ("root", "left", "a"),
        "b": ("root", "right", "b"),
        "small": ("root", "left", "small"),
        "tiny": ("root", "right", "tiny"),
    }
    answered = {"a": 9, "b": 9, "small": 4, "tiny": 3}
    shown = by_the_rule(paths, answered, answered, 7)
    assert shown == {"root", "left", "right"}


def test_people_who_agree_stay_hidden_in_every_combination() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("alike", "small", "other")}
    headcounts = {"alike": 9, "small": 4, "other": 9}
    profiles = {
        "alike": people(*[75] * 9),
        "small": people(0, 50, 100, 100),
        "other": people(*[0, 50, 100] * 3),
    }
    shown = shown_of(paths, profiles, headcounts)
    assert shown == {"root"}


def test_people_who_agree_are_in_a_value_with_k_others_who_differ() -> None:
    paths: dict[str, tuple[str, ...]] = {
        unit: ("root", "top", unit) for unit in ("alike", "small", "other")
    }
    paths |= {unit: ("root", unit) for unit in ("one", "two")}
    headcounts = {"alike": 9, "small": 4, "other": 9, "one": 4, "two": 5}
    profiles = {
        unit: people(*[0, 50, 100, 50, 100, 0, 25, 75, 100][:n]) for unit, n in headcounts.items()
    }
    assert shown_of(paths, profiles, headcounts) >= {"root", "top"}
    profiles["alike"] = people(*[75] * 9)
    assert shown_of(paths, profiles, headcounts) == {"root", "other"}


def best_number(paths: Paths, answered: Mapping[str, int], invited: Mapping[str, int]) -> int:
    """The most units that can be shown, by trying every choice."""
    nodes = sorted({node for path in paths.values() for node in path})

    def is_safe(chosen: frozenset[str]) -> bool:
        atoms: dict[str, int] = {}
        for unit, path in paths.items():
            covering = [node for node in path if node in chosen]
            if covering:
                atoms[covering[-1]] = atoms.get(covering[-1], 0) + answered[unit]
        alone = all(invited[unit] >= 7 for unit in chosen if unit in paths)
        return alone and all(count >= 7 for count in atoms.values())

    return max(
        size
        for size in range(len(nodes) + 1)
        if any(is_safe(frozenset(chosen)) for chosen in combinations(nodes, size))
    )


def test_nearly_as_many_units_are_shown_as_can_be() -> None:
    random, shown, best = Random(12), 0, 0
    for _ in range(300):
        paths = random_tree(random)
        invited = {unit: random.choice((2, 4, 8, 8, 12, 20)) for unit in paths}
        answered = {unit: random.randint(0, n) for unit, n in invited.items()}
        chosen = by_the_rule(paths, answered, invited, 7)
        shown += len(chosen)
        best += best_number(paths, answered, invited)
    assert shown >= 0.99 * best, (shown, best)


def region(random: Random, units: int) -> tuple[Paths, dict[str, int], dict[str, int]]:
    """Departments of about ten units, areas of five departments; 8 % of the units have fewer than
    seven people, and 80 % of the people answer."""
    paths, invited, answered = {}, {}, {}
    for number in range(units):
        department = random.randrange(units // 10)
        unit = f"unit-{number}"
        paths[unit] = ("region", f"area-{department // 5}", f"department-{department}", unit)
        people_there = random.randint(2, 6) if random.random() < 0.08 else random.randint(7, 40)
        invited[unit] = people_there
        answered[unit] = sum(random.random() < 0.8 for _ in range(people_there))
    return paths, invited, answered


def test_regions_areas_and_departments_are_shown_and_nearly_all_units() -> None:
    possible, shown = [0] * 4, [0] * 4
    for seed in range(10):
        paths, invited, answered = region(Random(seed), 400)
        chosen = by_the_rule(paths, answered, invited, 7)
        count = dict[str, int]()
        depth = dict[str, int]()
        for unit, path in paths.items():
            for level, node in enumerate(path):
                depth[node] = level
                count[node] = count.get(node, 0) + answered[unit]
        for node, level in depth.items():
            possible[level] += count[node] >= 7
            shown[level] += node in chosen
    shares = [100 * one / all_ for one, all_ in zip(shown, possible, strict=True)]
    assert min(shares[:3]) >= 99, shares
    assert shares[3] >= 94, shares


@pytest.mark.parametrize("k", [4, 1, 0, -1])
def test_no_configuration_goes_below_the_floor(k: int) -> None:
    with pytest.raises(ValueError, match="minimum group size is 5"):
        PrivacyRule(k)


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ([25, 50, 50, 50, 75, 75, 75], True),
        ([25, 50, 50, 50, 75, 75], False),  # six people
        ([25, 50, 50, 50, 75, 75, None], True),  # one score is missing
        ([25, 50, 75, 75, None, None, None], False),  # fewer than five have one
        ([0] * 7, False),  # all alike
        ([50] * 6 + [0], False),  # all but one, who knows it
        ([50] * 10 + [0, 100], False),  # more than 90 % alike without one of the others
        ([50] * 9 + [0, 100], True),  # exactly 90 % then
        ([62, 62, 62, 63, 63, 63, 63], False),  # two answers, hardly apart
        ([], False),  # nobody
    ],
)
def test_a_result_is_shown_only_if_people_are_enough_and_differ(
    scores: list[int | None], shown: bool
) -> None:
    rule, asked = PrivacyRule(7), instrument()
    assert rule.may_be_shown(crowd(people(*scores)), asked) is shown
    one_behaviour = [
        {**good, "creativity": bad}
        for good, bad in zip(people(*(0, 100) * len(scores)), scores, strict=False)
    ]
    assert rule.may_be_shown(crowd(one_behaviour), asked) is shown


def test_the_union_of_safe_groups_is_safe() -> None:
    random, rule, asked, unions = Random(7), PrivacyRule(5), instrument(), 0
    while unions < 500:
        pair = [
            crowd(people(*random.choices(range(0, 101, 6), k=random.randint(5, 30)))) for _ in "ab"
        ]
        if all(rule.may_be_shown(group, asked) for group in pair):
            unions += 1
            assert rule.may_be_shown(pair[0] + pair[1], asked)
