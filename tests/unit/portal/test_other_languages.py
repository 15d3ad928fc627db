"""A language that somebody chose goes with them; a text in another one is marked; a third language
is a catalogue and a line."""

import gettext
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from portal_service.domain import language
from portal_service.domain.language import text_in, written
from portal_service.entrypoints import pages
from unit.portal import answers
from unit.portal.answers import ID
from unit.portal.portal import BY_CODE, Browser
from unit.portal.test_pages import PAGES, Elements, Page, shown

OPEN_PAGES = [
    *("/", "/behaviours", "/timetable", "/news", "/answers", "/films", "/courses", "/news/news"),
    *("/answers/answer", "/search?words=wave", "/search", "/about/cookies", "/about/accessibility"),
    *("/svara", "/nothing", "/sign-in/answer?error=x"),
]


@pytest.mark.parametrize("path", OPEN_PAGES)
async def test_every_link_of_an_open_page_keeps_the_language(browser: Browser, path: str) -> None:
    page = await browser.get(path + ("&" if "?" in path else "?") + "language=en")
    links = re.findall(r'<a [^>]*href="(/[^"]*)"', page.text)
    assert len(links) > 5
    assert [one for one in links if "language=en" not in urlsplit(one).query] == []


async def test_a_form_that_comes_too_late_keeps_the_language(browser: Browser) -> None:
    page = await browser.post("/ask?language=en", text="x")
    links = re.findall(r'<a [^>]*href="(/[^"]*)"', page.text)
    assert [one for one in links if "language=en" not in urlsplit(one).query] == []


async def test_the_language_goes_with_who_signs_in(browser: Browser) -> None:
    asked = await browser.get("/units/rehab?language=en")
    assert asked.headers["location"].endswith("&language=en")
    browser.keep(await browser.get(asked.headers["location"]))
    [sign_in] = browser.sessions._sign_ins.values()
    browser.keep(await browser.get(f"/sign-in/answer?code=c&state={sign_in.state}"))
    assert '<html lang="en"' in (await browser.get("/start")).text


async def test_the_language_goes_with_a_code(browser: Browser) -> None:
    browser.authenticator.assignments = BY_CODE
    browser.keep(await browser.post("/svara?language=en", code="abcdefgh"))
    assert '<html lang="en"' in (await browser.get(f"/rounds/{ID}")).text


@pytest.mark.parametrize("chosen", ["de", "", "sv%22"])
async def test_an_unknown_language_is_not_kept(browser: Browser, chosen: str) -> None:
    browser.keep(await browser.get(f"/sign-in?language={chosen}"))
    [sign_in] = browser.sessions._sign_ins.values()
    assert sign_in.language is None


@pytest.mark.parametrize(
    ("path", "back"),
    [
        (f"/rollouts/{ID}/actions/reject_decision", f"/rollouts/{ID}/actions/reject_decision"),
        (f"/rounds/{ID}", f"/rounds/{ID}"),
        ("/imports/units", "/imports/units"),
        ("/language", "/start"),
    ],
)
async def test_the_language_can_be_changed_on_a_refused_form(
    signed_in: Browser, path: str, back: str
) -> None:
    """It leads to the same form, or to the start page from what cannot be read."""
    answer = await signed_in.post(path, packed="x")
    assert f'name="back" value="{back}"' in answer.text


def test_a_text_is_in_the_readers_language_or_in_the_first_there_is() -> None:
    assert text_in({"sv": "Hej", "en": "Hello"}, "en") == ("en", "Hello")
    assert text_in({"sv": "Hej", "en": ""}, "en") == ("sv", "Hej")
    assert text_in({"sv": "", "en": "Hello"}, "nb") == ("en", "Hello")
    assert text_in({"sv": ""}, "nb") == ("nb", "")
    assert (written("en"), written("nb")) == ("en", "sv")


async def test_a_text_in_another_language_is_marked(signed_in: Browser) -> None:
    round_ = answers.round_()
    for item in round_["instrument"]["items"]:
        item["text"] = {"sv": "Vi <hälsar>"}
    round_["instrument"]["scale"]["labels"][0] = {"sv": "Aldrig"}
    round_["who_sees_what"] = {"sv": "Bara du"}
    signed_in.services.answers["assessment", f"/rounds/{ID}"] = round_
    text = await shown(signed_in, PAGES["questions"], "en")
    for marked in ("Vi &lt;hälsar&gt;", "Aldrig", "Bara du"):
        assert text.count(marked) == text.count(f'<span lang="sv">{marked}</span>') > 0
    swedish = await shown(signed_in, PAGES["questions"], "sv")
    assert 'lang="sv">Bara' not in swedish


async def test_the_paragraphs_of_an_article_are_marked(browser: Browser) -> None:
    article = {**answers.edition(), "text": {"sv": "Ett\n\nTvå", "en": ""}}
    browser.services.answers["content", "/public/articles/news"] = article
    text = (await browser.get("/news/news?language=en")).text
    for paragraph in ("Ett", "Två"):
        assert f'<p class="lines" lang="sv">{paragraph}</p>' in text


@pytest.fixture
async def norwegian(signed_in: Browser) -> AsyncIterator[Browser]:
    """A portal with a third language, whose catalogue is empty."""
    of = pages.translations
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(language.LANGUAGES, "nb", "nb_NO")
        empty = gettext.NullTranslations()
        patch.setattr(pages, "translations", lambda one: empty if one == "nb" else of(one))
        vars(signed_in.api.state.app)["pages"] = pages.Pages()
        yield signed_in


async def test_a_third_language_shows_every_page(norwegian: Browser) -> None:
    for name, page in PAGES.items():
        text = await shown(norwegian, page, "nb")
        assert '<html lang="nb"' in text, name
        Elements(text)
        for own in ("Svenska", "English"):
            assert f">{own}</button>" in text


async def test_a_third_language_is_chosen_as_the_others_are(norwegian: Browser) -> None:
    text = await shown(norwegian, Page("/"))
    assert 'value="nb" lang="nb">Norsk bokmål</button>' in text
    assert 'value="en" lang="en">English</button>' in text


async def test_services_are_asked_in_a_language_that_they_have(norwegian: Browser) -> None:
    await shown(norwegian, PAGES["search"], "nb")
    [asked] = [one for *_, path, one in norwegian.services.asked if path == "/public/search"]
    assert asked["language"] == "sv"
    await norwegian.request(
        "POST",
        "/ask",
        data={"text": "x"},
        headers={"sec-fetch-site": "same-origin", "accept-language": "nb"},
    )
    [(_, _, body, _)] = norwegian.services.sent
    assert body["language"] == "sv"
