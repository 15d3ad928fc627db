"""The sign-in page: anybody of the imported organisation, found by name or id, in two languages."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from devstack.issuer.texts import ROLES, TEXTS
from devstack.personas import PERSONAS, Directory
from integration.devstack.browser import QUERY, browser, granted, issuer, redeem
from servicekit.issuer_keys import unverified_claims as claims

ROWS = [
    "x-77,Exempelperson Åsa,manager,nora",
    "x-77,Exempelperson Åsa,employee,staben",
    "x-78,<b>Exempelperson</b>,administrator,",
    *(f"many-{number},Exempelperson {number:03},employee,nora" for number in range(60)),
]


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    file = tmp_path / "people.csv"
    file.write_text("\n".join(("person_id,name,role,unit_id", *ROWS)), encoding="utf-8")
    return browser(issuer(Directory(file)))


def page(client: TestClient, language: str = "en", **query: str) -> str:
    headers = {"accept-language": language}
    answer = client.get("/authorize", params={**QUERY, **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_every_persona_has_a_button(client: TestClient) -> None:
    shown = page(client)
    for name in PERSONAS:
        assert f'<button name="persona" value="{name}">' in shown
    assert "the whole region" in shown


@pytest.mark.parametrize("words", ["åsa", "ÅSA exempel", "x-77", "  X-77  "])
def test_a_person_is_found_by_name_or_id_with_all_roles(client: TestClient, words: str) -> None:
    shown = page(client, q=words)
    assert 'value="person:x-77">Exempelperson Åsa</button>' in shown
    assert "manager, nora<br>employee, staben" in shown
    assert "1 of 1 are shown." in shown
    assert "many-" not in shown


def test_fifty_are_shown_and_it_says_of_how_many(client: TestClient) -> None:
    shown = page(client)
    assert shown.count('value="person:') == 50 + 1  # and the field for anybody
    assert "50 of 62 are shown. Search for the others" in shown
    assert "Nobody in the file" in page(client, q="nobody-at-all")


def test_the_request_survives_a_search(client: TestClient) -> None:
    shown = page(client, q="x-77")
    for name, value in QUERY.items():
        if name != "state":
            assert f'<input type="hidden" name="{name}" value="{value}">' in shown
    assert 'type="hidden" name="q"' not in shown


@pytest.mark.parametrize("field", ["state", "q", "odd"])
def test_the_page_escapes_what_it_was_sent(client: TestClient, field: str) -> None:
    attack = "\"'><script>alert(1)</script>"
    shown = page(client, **{field: attack})
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "<b>" not in page(client, q="x-78")


def test_it_speaks_the_browsers_language_or_the_one_that_is_asked_for(client: TestClient) -> None:
    swedish = page(client, "sv-SE,sv;q=0.9,en;q=0.8", q="x-77")
    assert '<html lang="sv">' in swedish
    assert "chef, nora<br>medarbetare, staben" in swedish
    assert TEXTS["sv"]["for-development"] in swedish
    assert TEXTS["en"]["for-development"] in page(client, "de-DE")
    assert '<html lang="en">' in page(client, "sv-SE", ui_locales="fi en")
    assert 'name="ui_locales" value="sv"' in page(client, ui_locales="sv")  # a search keeps it


def test_no_text_is_missing_in_a_language() -> None:
    assert TEXTS["en"].keys() == TEXTS["sv"].keys()
    roles = {one.role for persona in PERSONAS.values() for one in persona.assignments}
    assert roles <= ROLES["sv"].keys()


@pytest.mark.parametrize(("person", "name"), [("x-77", "Exempelperson Åsa"), ("new-1", "new-1")])
def test_anybody_of_the_file_or_imported_later_signs_in(
    client: TestClient, person: str, name: str
) -> None:
    tokens = redeem(client, granted(client, f"person:{person}")["code"]).json()
    said = claims(tokens["id_token"])
    assert (said["sub"], said["name"]) == (person, name)
    assert "sample_assignments" not in claims(tokens["access_token"])


@pytest.mark.parametrize("persona", ["", "nobody", "x-77", "person:", "person:a b", "person:*"])
def test_what_is_no_persons_id_is_refused(client: TestClient, persona: str) -> None:
    answer = client.post("/authorize", data={**QUERY, "persona": persona})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
