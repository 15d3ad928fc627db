"""Every request of SCIM, in every role from every place: SCIM answers in its own way, and is not in
the OpenAPI document from which the other routes are known.

Shown to fail for a role that is not asked for.
"""

from itertools import product
from uuid import uuid4

import pytest

from contracts.permissions import PERMISSIONS
from integration.access.conftest import Prepared
from integration.access.expectations import PLACES, Ask, held, outcome
from people_service.domain.roles import ROLES
from people_service.entrypoints.scim import PREFIX, routes

_ID = uuid4()
_PATHS = (
    *("", "/Users", f"/Users/{_ID}", "/Users/.search", "/Groups", f"/Groups/{_ID}", "/Bulk"),
    *("/.search", "/Me", "/Schemas", "/ResourceTypes", "/users", "//Users", "/Users/", "/nothing"),
)
_ASKS = list(product(routes._METHODS, (Ask(PREFIX + path) for path in _PATHS)))

pytestmark = pytest.mark.parametrize("prepared", ["people"], indirect=True)


async def test_only_who_provisions_the_whole_region_is_let_in(prepared: Prepared) -> None:
    permission, wrong = PERMISSIONS[routes._PERMISSION], []
    callers = {f"{role}, {place}": held(role, place) for role, place in product(ROLES, PLACES)}
    let_in = {
        who for who, one in callers.items() if outcome(permission, [one], Ask("")) == "let in"
    }
    # If all others together open nothing, none of them does.
    asking = {who: [callers[who]] for who in let_in}
    asking["all others"] = [one for who, one in callers.items() if who not in let_in]
    for (who, caller), (method, ask) in product(asking.items(), _ASKS):
        answer = await prepared.service.send(method, ask, caller)
        if (answer.status_code != 403) != (who in let_in):
            wrong.append(f"{method} {ask.path} as {who}: {answer.status_code}")
    assert let_in == {"provisioner, whole region"}
    assert wrong == []


async def test_without_a_token(prepared: Prepared) -> None:
    for method, ask in _ASKS:
        answer = await prepared.service.send(method, ask, None)
        assert answer.status_code == 401, (method, ask.path)
    open_to_all = await prepared.service.send("GET", Ask(f"{PREFIX}/ServiceProviderConfig"), None)
    assert open_to_all.is_success
