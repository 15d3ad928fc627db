"""Answering: all questions on one page, or one behaviour at a time."""

from typing import Any

import pytest

from portal_service.domain.answering import Shown, after, behaviours_of, choices_of, step_of
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

ITEMS: list[dict[str, Any]] = [
    {"item_id": "a1", "behaviour": "engagement"},
    {"item_id": "b1", "behaviour": "creativity"},
    {"item_id": "a2", "behaviour": "engagement"},
    {"item_id": "c1"},
]
SCALE = {"min": 1, "labels": [{}, {}, {}], "not_applicable": True}
A, B, C = {"a1": "1", "a2": "n"}, {"b1": "2"}, {"c1": "3"}


def shown(**typed: str) -> Shown:
    return after(typed, ITEMS, choices_of(SCALE))


def test_the_order_is_the_instruments() -> None:
    assert behaviours_of(ITEMS) == ["engagement", "creativity", ""]


@pytest.mark.parametrize("text", ["", "0", "4", "x", "-1", "1.0", "²", "9" * 50])
def test_what_is_no_step_shows_all(text: str) -> None:
    assert step_of(text, ITEMS) is None


def test_on_one_page_every_gap_is_named() -> None:
    assert shown(**A) == Shown(None, ("b1", "c1"))
    assert shown(**A, **B, **C) == Shown(None, ())
    assert shown(**A, b1="4", **C) == Shown(None, ("b1",))


def test_one_goes_on_when_the_page_is_answered() -> None:
    assert shown(step="1", to="2") == Shown(1, ("a1", "a2"))
    assert shown(step="1", to="2", a1="1") == Shown(1, ("a2",))
    assert shown(step="1", to="2", **A) == Shown(2, ())


def test_one_goes_back_without_an_answer() -> None:
    assert shown(step="2", to="1", **A) == Shown(1, ())


def test_the_last_page_leads_to_the_first_gap_or_to_the_check() -> None:
    assert shown(step="3", **A, **C) == Shown(2, ("b1",))
    assert shown(step="3", **A, **B) == Shown(3, ("c1",))
    assert shown(step="3", **A, **B, **C) == Shown(None, ())


async def test_answers_are_carried_from_page_to_page_and_sent(signed_in: Browser) -> None:
    """Without a script: what was answered is in the form of the next page."""
    items = [f"item-{n}" for n in range(7)]
    typed: dict[str, str] = {}
    for step in range(1, 8):
        typed[items[step - 1]] = "1"
        onward = {"to": str(step + 1)} if step < 7 else {}
        answer = await signed_in.post(f"/rounds/{ID}", step=str(step), **onward, **typed)
        assert answer.status_code == 200
        for item in typed:
            assert f'type="hidden" name="{item}" value="1"' in answer.text
    assert "Kontrollera dina svar" in answer.text
    assert signed_in.services.sent == []
    changing = (await signed_in.post(f"/rounds/{ID}", **typed, change="yes")).text
    assert changing.count('value="1" checked') == len(items), "all on one page, as chosen"
    assert signed_in.services.sent == []
    await signed_in.post(f"/rounds/{ID}", **typed, sure="yes")
    [(service, path, body, _)] = signed_in.services.sent
    assert (service, path) == ("assessment", f"/rounds/{ID}/answer")
    assert body == {"answers": dict.fromkeys(items, 1)}


async def test_no_page_after_an_answer_is_longer_than_another(signed_in: Browser) -> None:
    """Whoever sees encrypted traffic learns nothing of what was chosen, or of the profile."""
    put = ("assessment", f"/rounds/{ID}/answer")
    chosen = {f"item-{n}": "1" for n in range(7)}
    pages = [
        await signed_in.post(f"/rounds/{ID}", **typed)
        for typed in ({}, {"item-1": "3"}, chosen, {**chosen, "item-2": "n"})
    ]
    for label in ("Ofta", "Ganska ofta, men inte alltid"):
        signed_in.services.answers[put] = answers.profile(label)
        pages.append(await signed_in.post(f"/rounds/{ID}", **chosen, sure="yes"))
    assert {page.status_code for page in pages} == {200, 422}
    lengths = {
        len(page.content) + sum(len(name) + len(value) for name, value in page.headers.raw)
        for page in pages
    }
    assert max(lengths) - min(lengths) <= len("Unprocessable Content") - len("OK")
    assert all("content-encoding" not in page.headers for page in pages)
