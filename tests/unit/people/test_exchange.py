"""What a token of the platform says, for whom, and who gets none."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from people_service.application.exchange import TokenRules, exchange, grant_of
from people_service.application.identities import (
    ReleaseIdentity,
    identities_of,
    release_identity,
)
from people_service.application.ports import BindingRefused, TokenRefused
from people_service.domain.person import Assignment, Person
from unit.people import builders
from unit.people.builders import NOW, person
from unit.people.fakes import FakeSigner, FakeUnitOfWork, Store
from unit.people.provider_builder import provider, read

RULES = TokenRules("https://people", "um-platform", timedelta(minutes=10))
MANAGER = person(1, ("manager", "nora"), ("employee", "parent"))


async def claims_of(
    uow: FakeUnitOfWork, claims: Mapping[str, Any], **rules: Any
) -> Mapping[str, Any]:
    """The claims of the token that these claims are exchanged for."""
    signer = FakeSigner()
    await exchange(read(provider(**rules), claims), uow, signer, RULES)
    return signer.signed[0]


def knowing(*people: Person) -> FakeUnitOfWork:
    return FakeUnitOfWork(Store(people={p.person_id: p for p in people}))


async def test_each_role_is_listed_with_its_own_unit() -> None:
    token = await claims_of(knowing(MANAGER), {"sub": "p-0001"})
    assert token["assignments"] == [
        {"role": "employee", "unit": "parent"},
        {"role": "manager", "unit": "nora", "below": True},
    ]
    assert (token["iss"], token["aud"]) == ("https://people", "um-platform")
    assert token["exp"] - token["iat"] == 600
    assert token["iat"] == int(NOW.timestamp())


async def test_the_subject_is_opaque_and_stays_when_the_person_is_imported() -> None:
    uow = knowing()
    rules = {
        "group_roles": {"admins": "administrator"},
        "roles_without_person": frozenset({"administrator"}),
    }
    before = await claims_of(uow, {"sub": "p-0001", "groups": "admins"}, **rules)
    uow.store.people["p-0001"] = MANAGER
    after = await claims_of(uow, {"sub": "p-0001", "groups": ["admins"]}, **rules)
    assert before["sub"] == after["sub"]
    assert "p-0001" not in before["sub"]


async def test_an_ended_and_a_future_assignment_give_nothing() -> None:
    ended = Assignment("manager", "nora", None, NOW.date() - timedelta(days=1))
    future = Assignment("manager", "heart", NOW.date() + timedelta(days=1))
    uow = knowing(replace(person(1), assignments=frozenset({ended, future})))
    with pytest.raises(TokenRefused, match="It ended on 2026-03-01"):
        await claims_of(uow, {"sub": "p-0001"})
    until_today = Assignment("manager", "nora", date(2026, 1, 1), NOW.date())
    uow.store.people["p-0001"] = replace(person(1), assignments=frozenset({until_today}))
    assert len((await claims_of(uow, {"sub": "p-0001"}))["assignments"]) == 1


async def test_a_token_ends_when_a_role_of_it_does() -> None:
    """A deputy's last day ends at midnight in Sweden, ten minutes or not."""
    lasting = Assignment("employee", "heart", None, NOW.date() + timedelta(days=300))
    until_today = Assignment("deputy", "nora", date(2026, 1, 1), NOW.date())
    uow = knowing(replace(person(1), assignments=frozenset({lasting, until_today})))
    midnight = datetime.combine(
        NOW.date() + timedelta(days=1), time(), ZoneInfo("Europe/Stockholm")
    )
    for before, lives in ((3600, 600), (120, 120), (0.5, 1)):
        uow.store.now = midnight - timedelta(seconds=before)
        token = await claims_of(uow, {"sub": "p-0001"})
        assert token["exp"] - token["iat"] == lives, before


async def test_a_deleted_person_gets_no_token() -> None:
    uow = knowing(MANAGER)
    await claims_of(uow, {"sub": "p-0001"})
    await uow.persons.remove("p-0001")
    with pytest.raises(TokenRefused, match="No person here has this id"):
        await claims_of(uow, {"sub": "p-0001"})


async def test_an_address_that_somebody_else_has_now_opens_nothing() -> None:
    """A mail address is given to a new employee; the first owner's account is not theirs."""
    uow = knowing(MANAGER)
    rules = {"email_claim": "email", "person_claim": None, "email_verified_claim": None}
    first = {"sub": "first", "email": MANAGER.email.upper()}
    assert (await claims_of(uow, first, **rules))["assignments"]
    with pytest.raises(TokenRefused, match="has another identity at this provider"):
        await claims_of(uow, {"sub": "second", "email": MANAGER.email}, **rules)
    assert (await claims_of(uow, first, **rules))["assignments"]


async def test_an_address_names_nobody_where_an_id_does() -> None:
    """The first owner has never signed in, and a new employee has their address."""
    rules = {"email_claim": "email", "person_claim": "employee"}
    new = {"sub": "new", "employee": "p-0099", "email": MANAGER.email}
    for id_ in ("p-0099", "not an id", None):
        with pytest.raises(TokenRefused, match=r"No person here has this id|nothing by which"):
            await claims_of(knowing(MANAGER), new | {"employee": id_}, **rules)


async def test_an_identity_that_says_an_unknown_id_later_is_refused() -> None:
    uow, rules = knowing(MANAGER), {"person_claim": "employee"}
    await claims_of(uow, {"sub": "a", "employee": "p-0001"}, **rules)
    with pytest.raises(TokenRefused, match="belongs to another person"):
        await claims_of(uow, {"sub": "a", "employee": "p-0077"}, **rules)
    assert (await claims_of(uow, {"sub": "a"}, **rules))["assignments"]


async def test_who_is_imported_again_is_the_same_account() -> None:
    """Else somebody could answer twice, or approve what they have proposed."""
    uow = knowing(MANAGER)
    before = await claims_of(uow, {"sub": "p-0001"})
    await uow.persons.remove("p-0001")
    uow.store.people["p-0001"] = MANAGER
    assert (await claims_of(uow, {"sub": "p-0001"}))["sub"] == before["sub"]


async def test_an_identity_that_names_another_person_than_before_is_refused() -> None:
    uow = knowing(MANAGER, person(2))
    rules = {"person_claim": "employee"}
    await claims_of(uow, {"sub": "a", "employee": "p-0001"}, **rules)
    with pytest.raises(TokenRefused, match="belongs to another person"):
        await claims_of(uow, {"sub": "a", "employee": "p-0002"}, **rules)


async def test_ids_of_upper_case_find_those_that_an_import_made_lower_case() -> None:
    hsa = replace(person(1), person_id="se2321000131-p000000000001")
    token = await claims_of(knowing(hsa), {"sub": "SE2321000131-P000000000001"})
    assert token["assignments"] == [{"role": "employee", "unit": "rehab"}]


HSA = {"hsa_claim": "employeeHsaId", "person_claim": None, "email_claim": "email"}
WITH_HSA_ID = replace(MANAGER, hsa_id="SE2321000131-P000000000001")


async def test_a_hsa_id_finds_the_person_who_has_it() -> None:
    uow = knowing(WITH_HSA_ID, person(2))
    token = await claims_of(uow, {"sub": "a", "employeeHsaId": "se2321000131-p000000000001"}, **HSA)
    assert {one["role"] for one in token["assignments"]} == {"employee", "manager"}
    grant = await grant_of(
        read(provider(**HSA), {"sub": "a", "employeeHsaId": WITH_HSA_ID.hsa_id}), uow
    )
    shown = {line.what: (line.outcome, line.why) for line in grant.lines}
    looked_for = "The person with the HSA id SE2321000131-P000000000001 is looked for."
    assert shown["claim employeeHsaId"] == ("used", looked_for)
    assert shown["person"] == ("used", "This identity belongs to p-0001.")


@pytest.mark.parametrize("said", ["SE2321000131-P000000000009", "not an id", 7, None])
async def test_where_a_provider_gives_hsa_ids_nothing_else_finds_anybody(said: object) -> None:
    """Neither the address, nor an id of the region that a provider writes into `sub`."""
    claims = {
        "sub": "p-0001",
        "employeeHsaId": said,
        "email": MANAGER.email,
        "email_verified": True,
    }
    with pytest.raises(TokenRefused, match=r"has this HSA id|nothing by which"):
        await claims_of(knowing(WITH_HSA_ID), claims, **HSA)


async def test_a_hsa_id_finds_nobody_for_a_provider_that_does_not_vouch_for_it() -> None:
    claims = {"sub": "a", "employeeHsaId": WITH_HSA_ID.hsa_id}
    with pytest.raises(TokenRefused, match="No person here has this id"):
        await claims_of(knowing(WITH_HSA_ID), claims)


async def test_an_identity_that_says_another_hsa_id_later_is_refused() -> None:
    other = replace(person(2), hsa_id="SE2321000131-P000000000002")
    uow = knowing(WITH_HSA_ID, other)
    await claims_of(uow, {"sub": "a", "employeeHsaId": WITH_HSA_ID.hsa_id}, **HSA)
    for hsa_id, named in ((other.hsa_id, "p-0002"), ("SE2321000131-P000000000009", None)):
        with pytest.raises(BindingRefused, match="belongs to another person") as refused:
            await claims_of(uow, {"sub": "a", "employeeHsaId": hsa_id}, **HSA)
        assert refused.value.named == named
    assert (await claims_of(uow, {"sub": "a"}, **HSA))["assignments"]


async def test_groups_give_region_roles_to_known_persons_only() -> None:
    """Somebody with an identity at two providers, and an id at neither, would be two: they could
    approve what they have proposed."""
    rules = {"group_roles": {"admins": "administrator"}, "person_claim": "employee"}
    unknown = {"sub": "a", "groups": ["admins"]}
    with pytest.raises(TokenRefused, match="role administrator: Groups give it to persons"):
        await claims_of(knowing(MANAGER), unknown, **rules)
    known = await claims_of(knowing(MANAGER), unknown | {"employee": "p-0001"}, **rules)
    assert "administrator" in {one["role"] for one in known["assignments"]}


async def test_a_person_who_takes_over_an_address_gets_nothing_of_its_first_owner() -> None:
    """Somebody changes their address at the provider to that of a manager."""
    uow = knowing(MANAGER, person(2))
    rules = {"email_claim": "email", "person_claim": None}
    own = {"sub": "own", "email": person(2).email, "email_verified": True}
    await claims_of(uow, own, **rules)
    for said in (False, None):
        stolen = own | {"email": MANAGER.email, "email_verified": said}
        assert (await claims_of(uow, stolen, **rules))["assignments"] == [
            {"role": "employee", "unit": "rehab"}
        ]
    with pytest.raises(BindingRefused, match="belongs to another person") as refused:
        await claims_of(uow, own | {"email": MANAGER.email}, **rules)
    assert (refused.value.why, refused.value.named) == ("another-person", "p-0001")


async def test_a_released_identity_reopens_nothing_and_the_account_stays() -> None:
    uow, rules = knowing(MANAGER, person(2)), {"person_claim": "employee"}
    before = await claims_of(uow, {"sub": "old", "employee": "p-0001"}, **rules)
    new = {"sub": "new", "employee": "p-0001"}
    with pytest.raises(BindingRefused, match="has another identity"):
        await claims_of(uow, new, **rules)
    ((identity,), _) = await identities_of("p-0001", uow)
    by = str(await uow.accounts.of_person("p-0002"))
    release = ReleaseIdentity("p-0001", identity.identity_id, by, "new account")
    await release_identity(release, uow)
    assert (await claims_of(uow, new, **rules))["sub"] == before["sub"]
    with pytest.raises(BindingRefused) as refused:
        await claims_of(uow, {"sub": "old", "employee": "p-0001"}, **rules)
    assert refused.value.why == "another-identity"
    with pytest.raises(BindingRefused) as refused:
        await claims_of(uow, {"sub": "old", "employee": "p-0002"}, **rules)
    assert refused.value.why == "released-from-another"
    with builders.refused("unknown-identity"):
        await release_identity(release, uow)


async def test_every_step_can_be_explained() -> None:
    identity = read(provider(), {"sub": "p-0001", "email": "a@example.se"})
    grant = await grant_of(identity, knowing(MANAGER))
    assert [(line.what, line.outcome) for line in grant.lines] == [
        ("claim groups", "absent"),
        ("claim sub", "used"),
        ("claim email", "ignored"),
        ("person", "used"),
        ("role employee for parent", "used"),
        ("role manager for nora", "used"),
    ]
