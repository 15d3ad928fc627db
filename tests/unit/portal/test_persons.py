"""Persons by hand, their roles and sign-ins, and erasing somebody."""

import re

import pytest

from portal_service.application.ports import ServiceRefused
from servicekit.auth import EVERY_UNIT, Assignment
from unit.portal import organisation_answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

PERSON = "/persons/p-0001"
RELEASE = f"{PERSON}/identities/{ID}/release"
FACTS = {"name": " Sample Person ", "email": "", "language": "en", "phone": "", "hsa_id": ""}
ROLE = {"person_id": "p-0001", "role": "manager", "unit_id": "rehab", "reason": "Appointed"}


async def test_a_person_is_entered_by_hand(signed_in: Browser) -> None:
    signed_in.services.answers["people", "/persons"] = organisation_answers.person()
    form = {**FACTS, "person_id": "p-0001", "reason": "Hired", "phone": "070-174 06 05"}
    answer = await signed_in.post("/persons/new", **form, sent=ID)
    assert answer.headers["location"] == PERSON
    said = {"person_id": "p-0001", "name": "Sample Person", "language": "en"}
    body = {**said, "phone": "070-174 06 05", "reason": "Hired"}
    assert signed_in.services.sent == [("people", "/persons", body, ID)]


async def test_what_is_emptied_is_taken_away(signed_in: Browser) -> None:
    answer = await signed_in.post(f"{PERSON}/change", **FACTS, reason="Moved")
    assert answer.headers["location"] == PERSON
    nothing = {"email": None, "phone": None, "hsa_id": None}
    said = {"name": "Sample Person", "language": "en", "reason": "Moved"}
    assert signed_in.services.sent == [("people", PERSON, {**nothing, **said}, "")]


async def test_what_somebody_else_changed_meanwhile_is_not_undone(signed_in: Browser) -> None:
    """The form has what was shown, and sends only what differs from it."""
    form = (await signed_in.get(f"{PERSON}/change")).text
    shown = dict(re.findall(r'name="(shown-[^"]*)" value="([^"]*)"', form))
    assert shown["shown-email"] == "person0001@example.se"
    typed = {name.removeprefix("shown-"): text for name, text in shown.items()}
    typed |= {"phone": "070-174 06 06", "reason": "New phone"}
    await signed_in.post(f"{PERSON}/change", **shown, **typed)
    body = {"phone": "070-174 06 06", "reason": "New phone"}
    assert signed_in.services.sent == [("people", PERSON, body, "")]


async def test_a_refused_change_keeps_what_was_shown(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "person-invalid", "x")
    signed_in.services.refused_when_sent["people", PERSON] = refusal
    sent = {**FACTS, "email": "a", "reason": "Moved", "shown-email": "b"}
    answer = await signed_in.post(f"{PERSON}/change", **sent)
    assert 'name="shown-email" value="b"' in answer.text


async def test_a_refused_person_comes_back_with_every_fault(signed_in: Browser) -> None:
    errors = [
        {"pointer": "/body/email", "detail": "This is not a mail address of the form a@b.se."},
        {"pointer": "/body/hsa_id", "detail": "p-0002 has this HSA id."},
    ]
    refusal = ServiceRefused(422, "person-invalid", "x", errors)
    signed_in.services.refused_when_sent["people", PERSON] = refusal
    answer = await signed_in.post(f"{PERSON}/change", **{**FACTS, "email": "a"}, reason="R <1>")
    assert answer.status_code == 422
    assert "Personen kan inte sparas så här" in answer.text
    assert '<a class="ds-link" href="#email">E-postadress: Det är ingen e-post' in answer.text
    assert '<a class="ds-link" href="#hsa_id">HSA-id: Någon annan har detta HSA-id' in answer.text
    assert 'value="R &lt;1&gt;"' in answer.text


async def test_a_field_that_is_empty_is_asked_for(signed_in: Browser) -> None:
    answer = await signed_in.post(f"{PERSON}/change", **{**FACTS, "name": " "}, reason="")
    assert answer.status_code == 422
    for field in ("name", "reason"):
        assert f'<a class="ds-link" href="#{field}">' in answer.text
    assert signed_in.services.sent == []


async def test_a_person_is_found_by_id(signed_in: Browser) -> None:
    answer = await signed_in.get("/persons?person_id=%20p-0001%20")
    assert answer.headers["location"] == PERSON
    assert (await signed_in.get("/persons?person_id=a/b")).status_code == 404


async def test_only_what_was_given_by_hand_can_be_ended_here(signed_in: Browser) -> None:
    text = (await signed_in.get(PERSON)).text
    assert text.count("/roles/end?") == 1
    assert "/roles/end?person_id=p-0001&amp;role=manager&amp;unit_id=rehab" in text


async def test_a_person_without_sign_ins_is_shown_while_they_are_not(signed_in: Browser) -> None:
    del signed_in.services.answers["people", f"{PERSON}/identities"]
    text = (await signed_in.get(PERSON)).text
    assert 'id="roles"' in text
    assert 'id="identities"' not in text


@pytest.mark.parametrize(
    ("how", "days", "path", "body"),
    [
        (
            "give",
            {"valid_from": "2026-10-01", "valid_to": ""},
            "assignments",
            {"valid_from": "2026-10-01"},
        ),
        ("end", {"last_day": ""}, "assignments/end", {}),
    ],
)
async def test_a_role_is_given_and_ended(
    signed_in: Browser, how: str, days: dict[str, str], path: str, body: dict[str, str]
) -> None:
    answer = await signed_in.post(f"/roles/{how}", **ROLE, **days, sent=ID)
    assert answer.headers["location"] == PERSON
    said = {"role": "manager", "unit_id": "rehab", "reason": "Appointed", **body}
    assert signed_in.services.sent == [("people", f"{PERSON}/{path}", said, ID)]


async def test_a_role_for_the_whole_region_has_no_unit(signed_in: Browser) -> None:
    await signed_in.post("/roles/give", **{**ROLE, "role": "auditor", "unit_id": ""})
    [(_, _, body, _)] = signed_in.services.sent
    assert "unit_id" not in body


async def test_an_administrator_of_some_units_gives_roles_there(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("administrator", "heart")})
    start = (await signed_in.get("/start")).text
    assert 'href="/roles/give"' in start
    assert 'href="/persons"' not in start
    answer = await signed_in.post("/roles/give", **ROLE)
    assert answer.headers["location"] == "/roles/give?done=yes"
    assert "Det är gjort" in (await signed_in.get("/roles/give?done=yes")).text


async def test_a_sign_in_is_taken_from_a_person(signed_in: Browser) -> None:
    asked = (await signed_in.get(RELEASE)).text
    assert "Det här går inte att ta tillbaka" in asked
    assert "https://login.example.se" in asked
    answer = await signed_in.post(RELEASE, reason="New account", sent=ID)
    assert answer.headers["location"] == PERSON
    assert signed_in.services.sent == [("people", RELEASE, {"reason": "New account"}, ID)]
    assert (await signed_in.get(RELEASE.replace(ID[:8], "0" * 8))).status_code == 404


async def test_somebody_is_erased_when_the_id_is_typed_twice(signed_in: Browser) -> None:
    made = organisation_answers.erasure()
    signed_in.services.answers["people", f"{PERSON}/erase"] = made
    form = {"person_id": "p-0001", "reason": "Asked for it"}
    wrong = await signed_in.post("/erasures/new", **form, person_id_again="p-0002")
    assert wrong.status_code == 422
    assert '<a class="ds-link" href="#person_id_again">' in wrong.text
    assert signed_in.services.sent == []
    answer = await signed_in.post("/erasures/new", **form, person_id_again="p-0001", sent=ID)
    assert answer.headers["location"] == f"/erasures/{ID}"
    sent = ("people", f"{PERSON}/erase", {"reason": "Asked for it"}, ID)
    assert signed_in.services.sent == [sent]


async def test_an_id_is_one_part_of_the_path(signed_in: Browser) -> None:
    ids = {"person_id": "../x", "person_id_again": "../x"}
    await signed_in.post("/erasures/new", **ids, reason="Asked for it")
    assert signed_in.services.sent[0][1] == "/persons/..%2Fx/erase"


async def test_an_erasure_says_who_has_not_confirmed(signed_in: Browser) -> None:
    text = (await signed_in.get(f"/erasures/{ID}")).text
    assert "inte än" in text
    assert "Titta igen" in text
    done = organisation_answers.erasure(complete=True, awaited=[])
    signed_in.services.answers["people", f"/erasures/{ID}"] = done
    text = (await signed_in.get(f"/erasures/{ID}")).text
    assert "Alla delar av plattformen har tagit bort" in text
    assert "inte än" not in text


@pytest.mark.parametrize(
    "path",
    ["/persons", "/persons/new", PERSON, f"{PERSON}/change", RELEASE, "/erasures/new"],
)
async def test_persons_are_for_administrators_of_the_region(signed_in: Browser, path: str) -> None:
    for held in (Assignment("auditor", EVERY_UNIT), Assignment("administrator", "heart")):
        signed_in.authenticator.assignments = frozenset({held})
        asked = len(signed_in.services.asked)
        assert (await signed_in.get(path)).status_code == 403
        assert len(signed_in.services.asked) == asked, "nothing is read"


async def test_an_auditor_looks_at_erasures(signed_in: Browser) -> None:
    signed_in.authenticator.assignments = frozenset({Assignment("auditor", EVERY_UNIT)})
    assert 'href="/erasures"' in (await signed_in.get("/start")).text
    text = (await signed_in.get("/erasures")).text
    assert f'href="/erasures/{ID}"' in text
    assert "/erasures/new" not in text
