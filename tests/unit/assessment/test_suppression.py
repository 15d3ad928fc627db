"""The privacy rule against an auditor that shares no code and no method with it."""

from collections.abc import Callable, Mapping
from random import Random

import pytest

from assessment_service.domain.instrument import BEHAVIOURS
from assessment_service.domain.scoring import Profile
from assessment_service.domain.suppression import PrivacyRule, publishable
from assessment_service.domain.unit_tree import UnitTree
from unit.assessment.auditor import derivable_sets, leaks
from unit.assessment.builders import instrument

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
    answers = {unit: people(*((0, 100) * n)[:n]) for unit, n in answered.items()}
    rule, asked = PrivacyRule(k), instrument()
    return publishable(UnitTree(paths.values()), answers, lambda p: rule.may_be_shown(p, asked))


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


def test_one_small_unit_hides_its_parent_and_not_its_siblings() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "b", "small")}
    answered = {"a": 9, "b": 8, "small": 3}
    assert by_the_rule(paths, answered, answered, 7) == {"a", "b"}


def test_two_small_units_protect_each_other() -> None:
    paths = {unit: ("root", unit) for unit in ("a", "small", "tiny")}
    answered = {"a": 9, "small": 4, "tiny": 3}
    assert by_the_rule(paths, answered, answered, 7) == {"root", "a"}


def test_a_small_unit_looks_the_same_however_many_of_it_answered() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "small")}
    for number in range(7):
        answered = {"a": 9, "small": number}
        assert by_the_rule(paths, answered, {"a": 9, "small": 6}, 7) == {"a"}, number


def test_a_parent_of_shown_units_only_is_shown() -> None:
    paths = {unit: ("root", "top", unit) for unit in ("a", "b")}
    answered = {"a": 9, "b": 8}
    assert by_the_rule(paths, answered, answered, 7) == {"root", "top", "a", "b"}


def test_a_hidden_group_counts_again_higher_up() -> None:
    paths = {
        "a": ("root", "left", "a"),
        "small": ("root", "left", "small"),
        "tiny": ("root", "right", "tiny"),
    }
    answered = {"a": 9, "small": 4, "tiny": 3}
    assert by_the_rule(paths, answered, answered, 7) == {"root", "a"}


@pytest.mark.parametrize("k", [4, 1, 0, -1])
def test_no_configuration_goes_below_the_floor(k: int) -> None:
    with pytest.raises(ValueError, match="minimum group size is 5"):
        PrivacyRule(k)


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ([25, 50, 50, 50, 75, 75, 75], True),
        ([25, 50, 50, 50, 75, 75], False),  # six people
        ([25, 50, 50, 50, 75, 75, None], False),  # six of seven answered enough of it
        ([0] * 7, False),  # all alike
        ([50] * 10 + [0], False),  # more than 90 % alike
        ([50] * 9 + [0], True),  # exactly 90 %
        ([62, 62, 62, 63, 63, 63, 63], False),  # two answers, hardly apart
        ([], False),  # nobody
    ],
)
def test_a_result_is_shown_only_if_people_are_enough_and_differ(
    scores: list[int | None], shown: bool
) -> None:
    assert PrivacyRule(7).may_be_shown(people(*scores), instrument()) is shown
    one_behaviour = [
        {**good, "creativity": bad}
        for good, bad in zip(people(*(0, 100) * len(scores)), scores, strict=False)
    ]
    assert PrivacyRule(7).may_be_shown(one_behaviour, instrument()) is shown


def test_the_union_of_safe_groups_is_safe() -> None:
    random, rule, asked, unions = Random(7), PrivacyRule(5), instrument(), 0
    while unions < 500:
        pair = [people(*random.choices(range(0, 101, 6), k=random.randint(5, 30))) for _ in "ab"]
        if all(rule.may_be_shown(group, asked) for group in pair):
            unions += 1
            assert rule.may_be_shown(pair[0] + pair[1], asked)
