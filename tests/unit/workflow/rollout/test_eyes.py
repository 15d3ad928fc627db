"""Four eyes are those of two persons, whoever stands in for whom."""

import pytest

from workflow_service.domain.rollout.eyes import accounts, acting, same_person


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (acting("a"), acting("a"), True),
        (acting("a"), acting("b"), False),
        (acting("a"), acting("b", on_behalf_of="a"), True),
        (acting("b", on_behalf_of="a"), acting("a"), True),
        (acting("b", on_behalf_of="a"), acting("c", on_behalf_of="a"), True),
        (acting("b", on_behalf_of="a"), acting("b"), True),
        (acting("b", on_behalf_of="a"), acting("c"), False),
        (acting("b", on_behalf_of="a c"), acting("c"), True),
        (acting("b", on_behalf_of="a c"), acting("d", on_behalf_of="c e"), True),
        (acting("b", on_behalf_of="a c"), acting("d", on_behalf_of="e f"), False),
    ],
)
def test_a_delegate_is_the_same_person_as_who_is_stood_in_for(one, other, same):
    assert same_person(one, other) is same


@pytest.mark.parametrize("pair", [("a", ""), ("a", "b"), ("a", "b c")])
def test_who_acts_is_read_from_the_text_as_it_was_written(pair):
    assert accounts(acting(*pair)) == pair
