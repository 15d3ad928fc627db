"""What is read without signing in: kept by caches, in the chosen language, searchable."""

import re

import pytest

from portal_service.application.ports import ServiceRefused
from portal_service.domain.language import LANGUAGES, in_language
from portal_service.domain.sections import SECTIONS
from portal_service.entrypoints.own_texts import own_texts
from unit.portal import answers
from unit.portal.portal import Browser, pages

PUBLIC = ("/", "/behaviours", "/timetable", "/news", "/answers", "/films", "/courses", "/search")
READ = ("/news/news", "/films/film", "/answers/answer", "/courses/course", "/search?words=wave")


@pytest.mark.parametrize("path", [*PUBLIC, *READ])
async def test_caches_keep_a_page_and_ask_whether_it_changed(browser: Browser, path: str) -> None:
    answer = await browser.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["vary"].lower() == "accept-language, cookie, accept-encoding"
    assert "set-cookie" not in answer.headers
    again = await browser.get(path, if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    english = await browser.get(path, accept_language="en")
    assert english.headers["etag"] != answer.headers["etag"]


@pytest.mark.parametrize("path", [*PUBLIC, *READ])
async def test_nothing_is_kept_for_somebody_with_a_session(signed_in: Browser, path: str) -> None:
    answer = await signed_in.get(path)
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


async def test_a_page_with_missing_parts_is_shown_and_not_kept(browser: Browser) -> None:
    browser.services.away = {"content", "workflow"}
    answer = await browser.get("/")
    assert answer.status_code == 200
    assert 'role="status"' in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("path", ["/news", "/timetable", "/search?words=wave"])
async def test_a_page_whose_service_is_away_says_so(browser: Browser, path: str) -> None:
    browser.services.away = {"content", "workflow"}
    answer = await browser.get(path)
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "private, no-store")


async def test_no_ones_name_is_used_to_ask(signed_in: Browser) -> None:
    signed_in.services.asked.clear()
    for path in (*PUBLIC, *READ):
        await signed_in.get(path)
    assert signed_in.services.asked
    assert all(path.startswith("/public/") for _, path, _ in signed_in.services.asked)


async def test_a_chosen_language_stays_on_the_way(browser: Browser) -> None:
    text = (await browser.get("/?language=en", accept_language="sv")).text
    assert 'lang="en"' in text
    for path in ("/news", "/answers", "/films", "/search", "/timetable", "/behaviours"):
        assert f'href="{path}?language=en' in text
    found = (await browser.get("/search?words=wave&language=en")).text
    assert 'href="/news/news?language=en"' in found
    assert '<input type="hidden" name="language" value="en">' in found
    other = await browser.post("/language", language="sv", back="/search?words=wave&language=en")
    assert other.headers["location"] == "/search?words=wave&language=sv"
    assert "language=" not in (await browser.get("/")).text.replace('name="language"', "")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/news", "/news?language=en"),
        ("/search?words=a+b&language=sv", "/search?words=a+b&language=en"),
        ("/search?words=%26%3D&page=2", "/search?words=%26%3D&page=2&language=en"),
    ],
)
def test_an_address_in_a_language(address: str, expected: str) -> None:
    assert in_language(address, "en") == expected


async def test_what_was_found_is_marked(browser: Browser) -> None:
    hit = answers.hit()
    hit["excerpt"] = [
        {"text": "Den <b>", "found": False},
        {"text": "vågen", "found": True},
        {"text": " börjar", "found": False},
    ]
    browser.services.answers[("content", "/public/search")] = answers.page(hit)
    text = (await browser.get("/search?words=våg")).text
    assert "Den &lt;b&gt;<mark>vågen</mark> börjar" in text
    assert 'value="våg"' in text
    (asked,) = [q for _, path, q in browser.services.asked if path == "/public/search"]
    assert asked == {"words": "våg", "language": "sv", "page": "1", "limit": "20"}


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("stresshantering", "/behaviours?language=sv#stress_handling"),
        ("breddinförande", "/?language=sv"),
        ("tidplan", "/timetable?language=sv"),
    ],
)
async def test_the_portals_own_pages_are_found(browser: Browser, words: str, path: str) -> None:
    browser.services.answers[("content", "/public/search")] = answers.page()
    text = (await browser.get(f"/search?words={words}&language=sv")).text
    assert f'<a class="ds-link" href="{path}"' in text
    assert "Ingenting innehåller" not in text


def test_own_texts_say_nothing_of_what_is_empty_or_typed() -> None:
    for language in LANGUAGES:
        found = own_texts(pages(), language)
        assert len(found) == 9
        assert all(len(one.body) > 100 for one in found)
        said = " ".join(one.body for one in found)
        assert not re.search("Inget införande|No introduction has|Sök|Search for|<|&", said)


async def test_pages_of_hits_keep_the_words(browser: Browser) -> None:
    found = answers.page(answers.hit(), total=60)
    browser.services.answers[("content", "/public/search")] = found
    text = (await browser.get("/search?words=a%26b+c&language=en")).text
    assert 'href="?words=a%26b+c&amp;language=en&amp;page=2"' in text


async def test_words_that_cannot_be_searched_for_find_nothing(browser: Browser) -> None:
    refusal = ServiceRefused(422, "invalid-request", "invisible")
    browser.services.refusals[("content", "/public/search")] = refusal
    text = (await browser.get("/search?words=a")).text
    assert "Ingenting innehåller alla de orden" in text


@pytest.mark.parametrize(
    ("path", "service", "text"),
    [
        ("/news", "content", "Ingenting är publicerat ännu"),
        ("/answers", "content", "Ingen fråga är besvarad ännu"),
        ("/films", "content", "Ingen film är publicerad ännu"),
        ("/courses", "content", "Ingen kurs är publicerad ännu"),
        ("/timetable", "workflow", "Inget införande har börjat ännu"),
    ],
)
async def test_an_empty_page_says_what_will_be_there(
    browser: Browser, path: str, service: str, text: str
) -> None:
    for known in list(browser.services.answers):
        if known[0] == service and known[1].startswith("/public/"):
            browser.services.answers[known] = answers.page()
    assert text in (await browser.get(path)).text


@pytest.mark.parametrize("section", SECTIONS)
async def test_an_article_has_one_address(browser: Browser, section: str) -> None:
    articles = {"news": "news", "answers": "answer", "films": "film", "courses": "course"}
    for own, article_id in articles.items():
        expected = 200 if own == section else 404
        assert (await browser.get(f"/{section}/{article_id}")).status_code == expected


async def test_a_film_has_its_text_on_the_page_and_is_fetched_from_nowhere(
    browser: Browser,
) -> None:
    film = answers.edition("Rehab", "film")
    film["transcript"] = {"sv": "Första stycket.\n\nAndra stycket.", "en": "x"}
    browser.services.answers[("content", "/public/articles/film")] = film
    text = (await browser.get("/films/film")).text
    assert '<p class="lines">Första stycket.</p><p class="lines">Andra stycket.</p>' in text
    assert 'href="https://media.example.se/um.vtt"' in text
    assert not re.search(r"<(video|iframe|embed|object|track|img)", text)


async def test_each_behaviour_is_explained_with_an_example(browser: Browser) -> None:
    text = (await browser.get("/behaviours")).text
    assert len(re.findall(r"<h2[^>]* id=", text)) == 7
    assert text.count("Så kan det se ut") == 7
    start = (await browser.get("/")).text
    for code in answers.BEHAVIOURS:
        assert f'href="/behaviours#{code}"' in start
        assert f'id="{code}"' in text


async def test_the_timetable_names_no_unit(browser: Browser) -> None:
    text = (await browser.get("/timetable")).text
    assert "Ingen enhet nämns här" in text
    assert "1 september 2026" in text
    assert re.search(r"<th scope=\"row\">1</th>.*<td>9</td>", text)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_search_engines_find_a_description_of_each_page(
    browser: Browser, language: str
) -> None:
    found = {}
    for path in (*PUBLIC, *READ[:4], "/about/cookies", "/about/accessibility", "/svara"):
        text = (await browser.get(path, accept_language=language)).text
        [found[path]] = re.findall('<meta name="description" content="([^"]+)">', text)
        assert len(found[path]) <= 170
    pages = [text for path, text in found.items() if path not in READ]
    assert len(set(pages)) == len(pages), "each its own"


async def test_the_page_about_cookies_names_all_that_the_browser_keeps(browser: Browser) -> None:
    text = (await browser.get("/about/cookies")).text
    assert "__Host-portal" in text
    assert "finns dina svar också i webbläsarens flik" in text
