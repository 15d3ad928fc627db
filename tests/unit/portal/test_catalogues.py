"""Every text of the portal is marked, and translated."""

import gettext
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from portal_service.entrypoints import pages
from unit.portal.portal import Browser
from unit.portal.test_pages import IDS, PAGES, Page, shown

PORTAL = Path(__file__).parents[3] / "services" / "portal"
SOURCE = PORTAL / "src" / "portal_service"
SWEDISH = SOURCE / "locale" / "sv" / "LC_MESSAGES" / "portal.po"
ENGLISH_IN_SWEDISH = {
    *("Film", "Person", "Pilot", "given", "Status", "Start", "Information"),
    *("Administration", "Id", "Instrument", "Text", "Process", "Server", "Version"),
}
PLACEHOLDER = re.compile(r"%\(\w+\)s")
TAGS = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}|<[^>]*>|&\w+;", re.DOTALL)
SAID = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"{]*[A-Za-zÅÄÖåäö][^"{]*)"')
TRANS = re.compile(r"{%-? *trans\b.*?endtrans *-?%}", re.DOTALL)


def extracted() -> set[str]:
    with (PORTAL / "babel.cfg").open() as config:
        mapping, options = parse_mapping_cfg(config)
    found = extract_from_dir(SOURCE, mapping, options)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def swedish() -> Catalog:
    with SWEDISH.open("rb") as file:
        return read_po(file, locale="sv")


def faults(texts: set[str], catalogue: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue."""
    known = {str(one.id): one for one in catalogue if one.id}
    yield from (f"missing: {text}" for text in texts - set(known))
    yield from (f"obsolete: {text}" for text in set(known) - texts)
    yield from (f"obsolete: {text}" for text in catalogue.obsolete)
    for text, one in known.items():
        translated = str(one.string)
        if not translated.strip():
            yield f"empty: {text}"
        elif one.fuzzy:
            yield f"fuzzy: {text}"
        elif sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translated)):
            yield f"placeholders differ: {text}"
        elif text == translated and text not in ENGLISH_IN_SWEDISH:
            yield f"not translated: {text}"


def test_the_swedish_catalogue_is_complete() -> None:
    texts = extracted()
    assert len(texts) > 200
    assert list(faults(texts, swedish())) == []


def test_texts_are_marked_where_they_are_looked_for() -> None:
    """Only templates and the domain are extracted: a text marked elsewhere is never translated."""
    sources = [path for path in SOURCE.rglob("*.py") if path.parent.name != "domain"]
    assert [path.name for path in sources if "N_(" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("", "missing: Hello %(name)s"),
        ('msgid "Hello %(name)s"\nmsgstr ""\n', "empty"),
        ('#, fuzzy\nmsgid "Hello %(name)s"\nmsgstr "Hej %(name)s"\n', "fuzzy"),
        ('msgid "Hello %(name)s"\nmsgstr "Hej %(namn)s"\n', "placeholders differ"),
        ('msgid "Hello %(name)s"\nmsgstr "Hello %(name)s"\n', "not translated"),
        ('msgid "Gone"\nmsgstr "Borta"\n', "obsolete: Gone"),
        ('#~ msgid "Gone"\n#~ msgstr "Borta"\n', "obsolete: Gone"),
    ],
)
def test_a_planted_fault_is_found(entry: str, fault: str) -> None:
    catalogue = read_po(io.BytesIO(entry.encode()), locale="sv")
    assert fault in "\n".join(faults({"Hello %(name)s"}, catalogue))


def unmarked(source: str) -> list[str]:
    """Words of a template that are in no translation."""
    rest = TRANS.sub(" ", source)
    words = re.findall(r"[A-Za-zÅÄÖåäö]{2,}", TAGS.sub(" ", rest))
    return words + SAID.findall(rest)


def test_no_template_has_an_unmarked_text() -> None:
    allowed = {"cookies.html": ["Host", "portal"]}
    for path in sorted((SOURCE / "templates").glob("*.html")):
        found = unmarked(path.read_text(encoding="utf-8"))
        assert found == allowed.get(path.name, []), path.name


@pytest.mark.parametrize(
    "source", ["<p>Hello</p>", '<img alt="A picture">', "{% trans %}x{% endtrans %} and"]
)
def test_an_unmarked_text_is_found(source: str) -> None:
    assert unmarked(source)


@pytest.fixture(scope="module")
def pseudo_pages() -> pages.Pages:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "translations", lambda language: _Pseudo())
        return pages.Pages()


@pytest.mark.parametrize("page", PAGES.values(), ids=IDS)
async def test_a_pseudo_locale_reaches_every_text(
    signed_in: Browser, page: Page, pseudo_pages: pages.Pages
) -> None:
    """Each text of the catalogue in brackets: whatever stands outside was never translated."""
    vars(signed_in.api.state.app)["pages"] = pseudo_pages
    text = await shown(signed_in, page)
    assert _outside(text) == []


class _Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1}⟧"


_GIVEN = (
    *(
        "Rehab",
        "rehab",
        "heart",
        "Pilot 2026",
        "Sample Person",
        "Svenska",
        "English",
        "We greet each other",
        "Often",
    ),
    *("Day", "East", "Far", "Night", "Ward", "West"),
    *("Because", "Host", "portal", "Designsystemet", "wave", "accessibility@example.se"),
)
_MONTHS = re.compile(
    r"\d+ (januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december)"
)


def _outside(text: str) -> list[str]:
    body = re.sub(r"⟦.*?⟧", " ", text.partition("<body")[2].partition(">")[2], flags=re.DOTALL)
    body = re.sub(r"<code>.*?</code>", " ", body, flags=re.DOTALL)  # Ids and columns.
    body = re.sub(r'<(\w+) lang="en">.*?</\1>', " ", body)  # Said to be English.
    body = re.sub(r"<textarea.*?</textarea>", " ", body, flags=re.DOTALL)  # What somebody wrote.
    body = _MONTHS.sub(" ", re.sub(r"<[^>]*>|&\w+;|&#\d+;", " ", body))
    for given in _GIVEN:
        body = body.replace(given, " ")
    return re.findall(r"[A-Za-zÅÄÖåäö]{2,}", body)
