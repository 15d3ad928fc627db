"""The report: one file that needs nothing else, in both languages, with charts put into words."""

import re
from html.parser import HTMLParser

from demo.report import html
from demo.wording import number
from unit.demo import synthetic

VOID = {"meta", "line", "circle", "br", "input"}


class Checker(HTMLParser):
    """Collects open tags, ids and references."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [values["id"] or ""] if "id" in values else []
        self.labels += [values["aria-labelledby"] or ""] if tag == "svg" else []
        self.links += [values[name] or "" for name in ("src", "href") if name in values]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    return checker


def test_it_is_well_formed_and_loads_nothing() -> None:
    page = html(synthetic.result())
    checker = checked(page)
    assert checker.links == []
    assert "@import" not in page
    assert "<script" not in page
    assert "url(" not in page


def test_every_chart_has_a_caption_and_a_table() -> None:
    page = html(synthetic.result())
    checker = checked(page)
    assert len(checker.labels) == 3
    assert set(checker.labels) <= set(checker.ids)
    assert page.count("The same figures as a table") == 3


def test_both_languages_are_there_in_equal_number() -> None:
    page = html(synthetic.result())
    counts = [len(re.findall(f'<t?span lang="{language}"', page)) for language in ("sv", "en")]
    assert counts[0] == counts[1] > 100


def test_hidden_values_are_shown_as_hidden() -> None:
    result = synthetic.result()
    result["before_after"][0]["behaviours"]["creativity"] = None
    page = html(result)
    assert page.count('class="hidden"') == 1
    assert "dolt (för få svar)" in page


def test_it_says_how_many_units_are_compared_and_how_many_are_not() -> None:
    rows = re.findall("<tr>.*?</tr>", html(synthetic.result()))
    cells = [re.findall(r">([^<>]+)<", row) for row in rows]
    pilot = [row for row in cells if row[0] == "Pilot"]
    assert ["Pilot", "4", "1", "0"] in pilot
    assert any("(3 enheter)" in row for row in cells)


def test_the_reason_of_an_override_is_beside_the_gate() -> None:
    page = html(synthetic.result())
    assert "E-tjänster är för liten" in page


def test_text_is_escaped() -> None:
    result = synthetic.result()
    result["decision"]["reasons"] = "<script>alert(1)</script>"
    page = html(result)
    assert "<script>alert" not in page
    checked(page)


def test_losses_are_shown_plainly() -> None:
    result = synthetic.result() | {"lost": 2}
    assert re.search(r'class="bad"><strong><span lang="sv">2 förlorade', html(result))


def test_numbers_follow_their_language() -> None:
    assert number(1234.5, 1) == ("1\u00a0234,5", "1,234.5")
