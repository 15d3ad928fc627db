"""What a caller may do: in which roles, and how far."""

import pytest

from servicekit.access import limited, may, permitted
from servicekit.auth import Assignment, Principal
from servicekit.problems import ProblemError
from support.scopes import only, trees


def caller(*assignments: Assignment) -> Principal:
    return Principal("somebody", "https://issuer.invalid", frozenset(assignments))


def role(name: str, unit: str | None = "*", below: bool = True) -> Assignment:
    return Assignment(name, unit, below)


async def refused(permission: str, principal: Principal) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        await may(permission).dependency(principal)
    return caught.value.status, caught.value.code


async def test_only_the_roles_that_have_it_count():
    somebody = caller(role("manager", "north"), role("employee", "south", below=False))
    recording = await may("practice.record").dependency(somebody)
    assert (recording.scope, recording.has("employee")) == (trees("north"), False)
    assert limited(somebody, "journeys.explain").scope == trees("north")
    assert limited(caller(role("employee", "south", below=False)), "rounds.read").scope == only(
        "south"
    )


async def test_a_role_that_has_it_not_is_refused():
    assert await refused("persons.read", caller(role("auditor"))) == (403, "role-missing")
    assert await refused("persons.read", caller()) == (403, "role-missing")


async def test_what_concerns_the_region_needs_the_role_for_all_of_it():
    branch = caller(role("administrator", "north"), role("auditor"))
    assert await refused("persons.read", branch) == (403, "outside-scope")
    assert not permitted(branch, "rollouts.act")
    assert not permitted(caller(), "rollouts.act")
    assert permitted(caller(role("administrator")), "rollouts.act")


def test_whoever_stands_in_acts_on_behalf_of_them_unless_a_role_is_their_own():
    deputy = Assignment("deputy", "north", below=True, standing_for="account-1")
    assert caller(deputy).on_behalf_of == "account-1"
    assert caller(deputy, role("employee", "south")).limited_to("deputy").on_behalf_of == (
        "account-1"
    )
    assert caller(deputy, role("manager", "south")).on_behalf_of == ""
    assert caller().on_behalf_of == ""


@pytest.mark.parametrize(
    ("unit_id", "above", "on_behalf_of"),
    [
        ("north", "region", "account-1"),
        ("north-team", "north", "account-1"),
        ("south", "region", ""),
        ("south-team", "south", ""),
        ("east", "region", "account-2"),
        ("west", "region", ""),
    ],
)
def test_in_whose_place_depends_on_the_unit(unit_id: str, above: str, on_behalf_of: str):
    somebody = caller(
        Assignment("deputy", "north", below=True, standing_for="account-1"),
        Assignment("deputy", "east", below=True, standing_for="account-2"),
        role("manager", "south"),
    )
    assert somebody.acting_in(unit_id, {unit_id, above}).on_behalf_of == on_behalf_of


def test_a_permission_that_there_is_not_is_found_out_at_the_start():
    with pytest.raises(KeyError):
        may("persons.raed")
