"""The texts of messages: complete, without forbidden words, and checked at start."""

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from notification_service.adapters.templates import FOLDER, FileTemplates, TemplateInvalid
from notification_service.domain.contact import LANGUAGES, Language
from notification_service.domain.message import TEMPLATES, TemplateName
from notification_service.domain.wording import FORBIDDEN, forbidden_words

VALUES = {
    "name": "Exempelperson 0001",
    "contact": "fragor@example.se",
    "unit_name": "Rehabenheten",
    "closes_at": "2026-03-02 16:00",
    "cause": "Enheten har inga medarbetare.",
    "ends_on": "2026-03-09",
    "together": "Svaren redovisas tillsammans med svaren från Labb.",
    "code": "unit-without-people",
    "link": "https://um.example.se/rounds/1?a=1&b=2",
}


@cache
def templates() -> FileTemplates:
    return FileTemplates()


def rendered(template: TemplateName, language: Language) -> str:
    values = {name: VALUES[name] for name in TEMPLATES[template].variables}
    content = templates().render(template, language, values)
    return "\n".join([content.subject, content.text, content.html])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_message_exists_in_both_languages(template: TemplateName, language: Language) -> None:
    text = rendered(template, language)
    assert all(VALUES[name].replace("&", "&amp;") in text for name in TEMPLATES[template].variables)
    assert f'lang="{language}"' in text
    assert "{{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_message_holds_a_score_a_comment_or_a_health_word(
    template: TemplateName, language: Language
) -> None:
    assert forbidden_words(rendered(template, language)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_text_states_a_time_that_only_a_rollouts_template_knows(
    template: TemplateName, language: Language
) -> None:
    """How long something takes is set there: a number in a text would be wrong sooner or later."""
    text = (FOLDER / f"{template}.{language}.txt").read_text(encoding="utf-8").lower()
    assert not re.search(r"minut|timm|hour|\d", text)


@pytest.mark.parametrize("word", FORBIDDEN)
def test_a_forbidden_word_is_found_in_any_case(word: str) -> None:
    assert word in forbidden_words(f"Hej! {word.upper()}.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "templates"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Subject: x\n\n{{ name }} {{ link }} {{ password }}", "password"),
        ("Subject: x\n\n{{ name }}", "link"),
        ("Subject: x\n\n{{ name.__class__ }} {{ link }}", "Getattr"),
        ("Subject: x\n\n{{ name | upper }} {{ link }}", "Filter"),
        ("Subject: x\n\n{{ link() }} {{ name }}", "Call"),
        ("Subject: x\n\n{% for x in link %}{{ name }}{% endfor %}", "For"),
        ("Subject: x\n\n{{ 7 * 7 }} {{ name }} {{ link }} {{ contact }}", "Mul"),
        ("Subject: x\n\n{% include 'other' %} {{ name }} {{ link }} {{ contact }}", "Include"),
        ("Subject: x\n\n{{ name } {{ link }}", "line"),
        ("No subject\n\n{{ name }} {{ link }} {{ contact }}", "Subject"),
        ("Subject: x\n{{ name }} {{ link }} {{ contact }}", "blank line"),
        ("Subject: x\n\n", "text"),
        ("Subject: x\n\n{{ name }} {{ link }} {{ contact }} Your score is in.", "score"),
        ("Subject: x\n\n{{ name }} {{ link }} {{ contact }} Om din hälsa.", "hälsa"),
    ],
)
def test_a_bad_template_stops_the_start(folder: Path, text: str, said: str) -> None:
    (folder / "decision_published.en.txt").write_text(text, encoding="utf-8")
    with pytest.raises(TemplateInvalid, match=said) as caught:
        FileTemplates(folder)
    assert "decision_published.en.txt" in str(caught.value)


def test_a_missing_or_unknown_template_stops_the_start(folder: Path) -> None:
    (folder / "round_opened.sv.txt").rename(folder / "round_opened.no.txt")
    with pytest.raises(TemplateInvalid, match="missing"):
        FileTemplates(folder)
    shutil.copy(folder / "round_opened.no.txt", folder / "round_opened.sv.txt")
    with pytest.raises(TemplateInvalid, match=r"round_opened\.no\.txt"):
        FileTemplates(folder)


def test_values_are_data_and_never_markup_headers_or_templates() -> None:
    hostile = {
        **VALUES,
        "name": "<script>alert(1)</script>",
        "unit_name": "Unit\r\nBcc: all@example.se {{ 7*7 }}",
    }
    content = templates().render("round_opened", "en", hostile)
    assert "\n" not in content.subject
    assert "\r" not in content.subject
    assert "<script>" not in content.html
    assert "49" not in content.text
    assert 'href="https://um.example.se/rounds/1?a=1&amp;b=2"' in content.html


def test_an_empty_variable_leaves_no_gap() -> None:
    values = {name: VALUES[name] for name in TEMPLATES["round_opened"].variables}
    content = templates().render("round_opened", "sv", {**values, "together": ""})
    assert "\n\n\n" not in content.text
    assert "<p></p>" not in content.html
    assert VALUES["together"] in templates().render("round_opened", "sv", values).html
