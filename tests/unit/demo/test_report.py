"""The report: four pages that need nothing else, each wholly in its language."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from demo import portal_pieces
from demo.charts import Scale
from demo.markup import Html, element
from demo.report import page, write
from demo.wording import ENGLISH, STEPS, SWEDISH, Language
from unit.demo import synthetic

DIRECTOR, TECHNICAL = "demo-report", "demo-technical"
LANGUAGES = pytest.mark.parametrize("say", [SWEDISH, ENGLISH], ids=["sv", "en"])
PAGES = pytest.mark.parametrize("name", [DIRECTOR, TECHNICAL])
VOID = {"meta"}


class Checker(HTMLParser):
    """Collects open tags, links and the text that a reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        self.links += [values[name] or "" for name in ("src", "href") if name in values]
        self.text += f" {values.get('title') or ''} {values.get('data-label') or ''} "

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data


def checked(made: str) -> Checker:
    checker = Checker()
    checker.feed(made)
    assert checker.open == []
    return checker


@dataclass(frozen=True)
class Recorder(Language):
    """A language that keeps the pairs of texts that it was asked for."""

    pairs: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, swedish: str, english: str) -> str:
        self.pairs.append((swedish, english))
        return super().__call__(swedish, english)


def other_texts(name: str, code: Any) -> tuple[str, list[str]]:
    """What a page says, and the texts of the other language that were not to be used."""
    say = Recorder(code)
    said = checked(page(name, synthetic.result(), say)).text
    other = {pair[code == "sv"] for pair in say.pairs if pair[0] != pair[1]}
    own = {pair[code == "en"] for pair in say.pairs}
    return said, [text.strip() for text in other - own if re.search(r"[^\W\d_]{3}", text)]


@LANGUAGES
@PAGES
def test_a_page_is_in_one_language(name: str, say: Language) -> None:
    said, other = other_texts(name, say.code)
    assert len(other) > 40
    found = [text for text in other if re.search(rf"(?<![\w.-]){re.escape(text)}(?![\w.-])", said)]
    assert set(found) <= {"och"}  # it is in the name of a unit
    assert f'<html lang="{say.code}">' in page(name, synthetic.result(), say)


@LANGUAGES
@PAGES
def test_a_page_loads_nothing_and_links_only_to_the_other_pages(name: str, say: Language) -> None:
    made = page(name, synthetic.result(), say)
    files = {f"{DIRECTOR}.html", f"{DIRECTOR}.en.html"}
    files |= {f"{TECHNICAL}.html", f"{TECHNICAL}.en.html"}
    assert set(checked(made).links) < files
    assert not re.search(r"<script|@import|url\(|https?:", made)


def test_four_files_are_written(tmp_path: Path) -> None:
    names = [path.name for path in write(synthetic.result(), tmp_path)]
    assert names[:2] == ["demo-report.html", "demo-report.en.html"]
    assert names[2:] == ["demo-technical.html", "demo-technical.en.html"]
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())


@LANGUAGES
@PAGES
def test_a_page_says_at_its_top_that_it_is_sample_data(name: str, say: Language) -> None:
    said = checked(page(name, synthetic.result(), say)).text
    place = said.index(say("Exempeldata", "Sample data"))
    assert place < said.index(say("Utvecklande", "Developmental") if name == DIRECTOR else "Te", 60)


@LANGUAGES
def test_the_director_sees_dates_and_no_seconds(say: Language) -> None:
    said = checked(page(DIRECTOR, synthetic.result(), say)).text
    assert say("2 mars 2026 kl.\u00a009.00", "2 March 2026 at\u00a009:00") in said
    assert not re.search(r"\d\s?s\b|sekund|second|\d\d[.:]\d\d[.:]\d\d", said)


@LANGUAGES
def test_the_technical_count_is_only_on_its_page(say: Language) -> None:
    technical = ("webhook", "Kafka", "kill -9", say("dubbletter", "duplicates"), "four-eyes")
    director, count = (
        checked(page(name, synthetic.result(), say)).text for name in (DIRECTOR, TECHNICAL)
    )
    assert [word for word in technical if word in director] == []
    assert [word for word in technical if word not in count] == []


def test_the_decision_is_before_the_results() -> None:
    titles = re.findall("<h2>(.*?)</h2>", page(DIRECTOR, synthetic.result(), ENGLISH))
    assert [unescape(title) for title in titles] == [
        "The pilot and its evaluation",
        "The decision",
        "The timetable",
        "The units' journeys",
        "The seven behaviours, before and after",
        "Participation",
        "Working time that the introduction asks for",
    ]


@LANGUAGES
def test_every_label_is_whole(say: Language) -> None:
    made = page(DIRECTOR, synthetic.result(), say)
    labels = re.findall('<span class="label">(.*?)</span>', made)
    names = {
        unit["name"].removesuffix(" (exempel)") for unit in synthetic.result()["timeline"]["units"]
    }
    assert "Förvaltningen för digitaliseringsstöd, e-tjänster" in names
    assert names <= {unescape(label) for label in labels}
    style = made.partition("<style>")[2].partition("</style>")[0]
    assert not re.search("ellipsis|overflow: *hidden|line-clamp", style)
    assert "…" not in made


def test_every_criterion_has_value_threshold_and_source() -> None:
    rows = rows_of(page(DIRECTOR, synthetic.result(), SWEDISH))
    values = [row[1:3] for row in rows if row[-1].startswith(("Visade", "Chefernas"))]
    assert values == [
        ["dolt (för få svar)", "minst\u00a060\u00a0%"],
        ["100\u00a0%", "minst\u00a0100\u00a0%"],
        ["5\u00a0steg", "minst\u00a00\u00a0steg"],
    ]


def rows_of(made: str) -> list[list[str]]:
    """The cells of all tables of the report's own, without markup and pictures."""
    rows = re.findall("<tr>(.*?)</tr>", re.sub("(?s) <svg.*?</svg>", "", made))
    cells = [re.findall("<td.*?>(.*?)</td>", row) for row in rows]
    return [[unescape(re.sub("<.*?>", "", cell)) for cell in row] for row in cells if row]


@LANGUAGES
def test_an_override_and_the_decision_are_shown_with_their_reasons(say: Language) -> None:
    result = synthetic.result()
    made = page(DIRECTOR, result, say)
    for reason in (result["gate"]["override"]["reason"], result["decision"]["reasons"]):
        assert f'<q lang="sv">{reason}</q>' in made
    assert "EXEMPEL 2026-0142" in made


def test_a_gate_without_an_override_and_a_rollout_in_progress() -> None:
    result = synthetic.result()
    result["gate"]["override"] = None
    result["rollout"] = {"phase": "broad_introduction", "status": "active"}
    made = page(DIRECTOR, result, SWEDISH)
    assert "<blockquote" not in made
    assert "Läget: breddinförande, pågår." in made


def test_hidden_values_are_shown_as_hidden() -> None:
    result = synthetic.result()
    result["before_after"][0]["behaviours"]["creativity"] = None
    made = page(DIRECTOR, result, SWEDISH)
    lines = [re.sub(r"\s+", " ", row) for row in re.findall("(?s)<tr>.*?</tr>", made)]
    assert sum(row.count("<td>dolt (för få)</td>") for row in lines) == 2


def test_it_says_how_many_units_are_compared_and_how_many_are_not() -> None:
    made = page(DIRECTOR, synthetic.result(), SWEDISH)
    assert ["Pilot", "4", "1", "0"] in rows_of(made)
    assert made.count("Jämförda enheter: 3.") == 1
    pilot = made[made.index("Jämförda enheter: 3.") :].partition("</table>")[0]
    means = [re.findall(r"<td>(\d+)</td>", row) for row in re.findall("(?s)<tr>.*?</tr>", pilot)]
    assert ["60", "65"] in means


@LANGUAGES
def test_the_pictures_are_the_portals_pieces(say: Language) -> None:
    result = synthetic.result()
    made = page(DIRECTOR, result, say)
    assert made.count('class="timeline across"') == 1
    assert made.count('<svg class="matrix" role="img"') == 1
    assert f"{say('Våg', 'Wave')} 1: " in made
    assert made.count('class="threshold" d="M') == 2, "each criterion that has a value"
    assert made.count('aria-labelledby="minutes-') == 2 * len(STEPS)
    assert made.count('class="after" d="M') >= 7 * len(result["before_after"])
    assert "--ds-color-accent-text-subtle" in made.partition("<style>")[2], "its colours"
    used = set(re.findall(r"var\((--ds-color-[\w-]+)\)", picture_rules()))
    assert used <= set(re.findall(r"(--ds-color-[\w-]+):", made)), "each colour has a value"


def picture_rules() -> str:
    """The portal's rules for what the pieces draw."""
    drawn = r"\.(sign|matrix|change|timeline|rows|soft|empty)\b"
    return "".join(rule for rule in portal_pieces.style().split("}") if re.search(drawn, rule))


def test_participation_counts_units_by_band() -> None:
    rows = rows_of(page(DIRECTOR, synthetic.result(), ENGLISH))
    assert ["Pilot, baseline", "0", "0", "3", "0", "0", "0", "1"] in rows


def test_minutes_are_added_up() -> None:
    rows = rows_of(page(DIRECTOR, synthetic.result(), ENGLISH))
    assert rows[-1] == ["In total", "435 minutes", "190 minutes"]


def test_losses_are_shown_plainly() -> None:
    made = page(TECHNICAL, synthetic.result() | {"lost": 2}, SWEDISH)
    assert '<p class="bad"><strong>2 förlorade' in made


def test_text_is_escaped() -> None:
    result = synthetic.result()
    result["decision"]["reasons"] = "<script>alert(1)</script>"
    made = page(DIRECTOR, result, ENGLISH)
    assert "<script>alert" not in made
    checked(made)
    assert element("b", "1 < 2", Html("<i></i>"), title='"') == (
        '<b title="&quot;">1 &lt; 2<i></i></b>'
    )


def test_numbers_days_and_times_follow_their_language() -> None:
    moment = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)  # 00.30 on the next day in Sweden
    assert SWEDISH.number(1234.5, 1) == "1\u00a0234,5"
    assert ENGLISH.number(1234.5, 1) == "1,234.5"
    assert SWEDISH.moment(moment) == "2 juli 2026 kl.\u00a000.30"
    assert ENGLISH.moment(moment) == "2 July 2026 at\u00a000:30"
    assert SWEDISH.list(["a", "b", "c"]) == "a, b och c"
    assert ENGLISH.list(["a"]) == "a"


@pytest.mark.parametrize("seconds", [20, 71, 216, 1800, 90_000])
def test_ticks_are_few_whole_minutes_on_the_track(seconds: float) -> None:
    ticks = Scale(datetime(2026, 3, 2, 8, 0, 30, tzinfo=UTC), seconds).ticks(SWEDISH)
    assert len(ticks) <= 6
    assert all(0 <= at <= 100 for at, _ in ticks)
    if seconds == 71:
        assert [(round(at), text) for at, text in ticks] == [(42, "09.01")]
