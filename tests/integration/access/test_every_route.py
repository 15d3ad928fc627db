"""Every route of every service, asked in every role from every place, answers as the table says.

Shown to fail, one at a time, for: a unit check that lets everybody in; a list that is not limited
to the caller's units; an employee's role that reaches the units below; a caller without a unit who
sees all units; two roles that multiply; reasons shown to all who see a journey; an answer to a
round by those above its unit; a subscription that is everybody's; a table in which two
permissions are other roles'.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import product

import httpx
import pytest

from contracts.permissions import PERMISSIONS
from integration.access.conftest import Prepared, Route
from integration.access.expectations import PLACES, Ask, held, outcome, shown
from people_service.domain.roles import ROLES
from servicekit.auth import Assignment

Caller = Collection[Assignment]
Callers = Mapping[str, Caller]

TWO_ROLES = {
    "leads here, works elsewhere": (held("manager", "own unit"), held("employee", "other branch")),
    "works here, leads elsewhere": (held("employee", "own unit"), held("manager", "other branch")),
    "works above, facilitates elsewhere": (
        held("employee", "parent"),
        held("facilitator", "other branch"),
    ),
    "works here, administers the sister": (
        held("employee", "own unit"),
        held("administrator", "sister"),
    ),
    "audits the region, administers here": (
        held("auditor", "whole region"),
        held("administrator", "own unit"),
    ),
    "audits the region, administers elsewhere": (
        held("auditor", "whole region"),
        held("administrator", "other branch"),
    ),
    "supports the region, leads below": (
        held("strategist", "whole region"),
        held("manager", "child"),
    ),
    "operates the region, leads elsewhere": (
        held("operator", "whole region"),
        held("manager", "other branch"),
    ),
    "approves for the region, administers above": (
        held("approver", "whole region"),
        held("administrator", "parent"),
    ),
    "subscribes, operates the region": (
        held("subscriber", "no unit"),
        held("operator", "whole region"),
    ),
}


def with_one_role(route: Route) -> Callers:
    """Who has one role: for each place that opens the route alone, for no unit, and for all other
    places at once. If those together open nothing, none of them does."""
    permission = PERMISSIONS[route.permission]
    callers: dict[str, Caller] = {}
    for role in ROLES:
        at = {place: held(role, place) for place in PLACES}
        alone = [place for place in at if outcome(permission, [at[place]], Ask("")) == "let in"]
        if permission.reach == "anywhere" and alone:
            alone = ["own unit", "whole region"]
        if role in permission.roles:
            alone.append("no unit")
        callers |= {f"{role}, {place}": [at[place]] for place in alone}
        if others := [at[place] for place in at if place not in alone]:
            callers[f"{role}, every other place"] = others
    return callers


def with_two_roles(_: Route) -> Callers:
    return TWO_ROLES


async def wrong_answers(
    prepared: Prepared, callers_of: Callable[[Route], Callers], *, made_it: bool = False
) -> list[str]:
    found = []
    for route in prepared.routes:
        method = route.name.split()[0]
        for who, caller in callers_of(route).items():
            for ask, accept in product(route.asks, route.accepts):
                answer = await prepared.service.send(method, ask, caller, accept, made_it=made_it)
                asked = f"{route.name} ({ask.path}, {accept}), {who}"
                found += [f"{asked}: {what}" for what in wrong(route, ask, caller, made_it, answer)]
    return found


def wrong(
    route: Route, ask: Ask, caller: Caller, made_it: bool, answer: httpx.Response
) -> Iterator[str]:
    permission = PERMISSIONS[route.permission]
    expected = outcome(permission, caller, ask, made_it)
    if ask.listing and expected == "outside":
        expected = "let in"
    got = outcome_of(answer, ask)
    if got != expected:
        yield f"{got} instead of {expected}"
    if permission.reach == "region" and got == "outside" and answer.status_code != 403:
        yield f"{answer.status_code} instead of 403"
    for text, name in ask.shows.items():
        wanted = answer.is_success and shown(name, caller, ask, made_it)
        if (text in answer.text) != wanted:
            yield f"{text!r} is {'not ' if wanted else ''}shown"


def outcome_of(answer: httpx.Response, ask: Ask) -> str:
    code = answer.json()["code"] if answer.is_error else ""
    if answer.is_success or code == ask.refused_as:
        return "let in"
    if code == "role-missing":
        return "role missing"
    return "outside" if answer.status_code in (403, 404) else f"{answer.status_code} {code}"


async def test_one_role(prepared: Prepared) -> None:
    assert await wrong_answers(prepared, with_one_role) == []


async def test_two_roles_give_no_more_than_each_of_them(prepared: Prepared) -> None:
    assert await wrong_answers(prepared, with_two_roles) == []


@pytest.mark.parametrize("prepared", ["notification"], indirect=True)
async def test_what_the_caller_made(prepared: Prepared) -> None:
    assert await wrong_answers(prepared, with_one_role, made_it=True) == []


async def test_without_a_token(prepared: Prepared) -> None:
    for route in prepared.routes:
        for ask in route.asks:
            answer = await prepared.service.send(route.name.split()[0], ask, None)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), route
