"""The board over HTTP: one filter for the picture, the table and the file."""

import re
from html import unescape

from portal_service.application.ports import ServiceRefused
from portal_service.domain.matrix import SHAPES
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import Browser

BOARD = f"/rollouts/{ID}/units"


async def test_the_filter_is_asked_for_once(signed_in: Browser) -> None:
    """The form sends every field, also the empty ones."""
    filters = {
        "?group=wave&wave=&branch=&status=&step=&text=": {},
        "?wave=1&branch=heart&status=paused&step=modules&text=reh": {
            "wave": "1",
            "branch": "heart",
            "status": "paused",
            "step": "modules",
            "text": "reh",
        },
    }
    for query, wanted in filters.items():
        signed_in.services.asked.clear()
        assert (await signed_in.get(BOARD + query)).status_code == 200
        asked = {path.rpartition("/")[2]: q for _, path, q in signed_in.services.asked}
        assert asked == {ID: {}, "board": wanted}


async def test_every_way_on_keeps_the_filter(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", f"/rollouts/{ID}/board"] = answers.board(units=120)
    text = unescape((await signed_in.get(f"{BOARD}?group=branch&wave=1&text=a%26b")).text)
    kept = "?group=branch&wave=1&text=a%26b"
    assert f'href="{BOARD}.csv{kept}"' in text
    assert f'href="{kept}&page=2"' in text
    assert f'href="{BOARD}{kept}&status=active"' in text
    assert 'value="a&b"' in text


async def test_the_file_has_what_the_board_has(signed_in: Browser) -> None:
    answer = await signed_in.get(f"{BOARD}.csv?group=branch&wave=1&status=odd&page=3")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="units.csv"'
    assert answer.headers["cache-control"] == "private, no-store"
    assert signed_in.services.asked == [("workflow", f"/rollouts/{ID}/journeys", {"wave": "1"})]


async def test_a_file_that_is_refused_is_a_page(signed_in: Browser) -> None:
    refusal = ServiceRefused(422, "too-many-rows", "x")
    signed_in.services.refusals["workflow", f"/rollouts/{ID}/journeys"] = refusal
    answer = await signed_in.get(f"{BOARD}.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "text/html; charset=utf-8")


async def test_two_thousand_units_are_two_questions_and_fifty_rows(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", f"/rollouts/{ID}/board"] = answers.board(units=2000)
    signed_in.services.asked.clear()
    text = (await signed_in.get(f"{BOARD}?page=40")).text
    assert len(signed_in.services.asked) == 2
    assert text.count('<th scope="row">') == 50
    assert "Sida 40 av 40" in text
    [path] = re.findall(r' d="(m0 20[^"]*)"', text)
    assert path.count(SHAPES["active"]) == 2000
    assert len(text) < 100_000


async def test_a_page_that_is_not_there(signed_in: Browser) -> None:
    text = (await signed_in.get(f"{BOARD}?page=2")).text
    assert "Det finns ingen sådan sida" in text
    assert f'href="{BOARD}?group=wave"' in text


async def test_nothing_found_is_said(signed_in: Browser) -> None:
    signed_in.services.answers["workflow", f"/rollouts/{ID}/board"] = answers.board(units=0)
    text = (await signed_in.get(f"{BOARD}?text=x")).text
    assert "Ingen enhet passar filtret" in text
    assert "matrix" not in text
    assert f'href="{BOARD}?group=wave"' in text, "to show all"


async def test_every_sign_of_the_picture_is_in_the_legend(signed_in: Browser) -> None:
    text = (await signed_in.get(BOARD)).text
    for status in ("waiting", "active", "paused", "completed", "stopped"):
        assert f'class="sign-{status}"' in text
    assert re.search(r'<desc id="matrix-desc">[^<]*Pågår: 1\.', text)
