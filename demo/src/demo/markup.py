"""The report's building blocks: HTML in both languages. Cells and charts are HTML already."""

from collections.abc import Iterable, Sequence
from html import escape

from demo.wording import Words, both

Head = Sequence[tuple[Words, str]]
"""A table's columns: words and class ("n" for numbers)."""


def paragraph(sv: str, en: str, css: str = "") -> str:
    return f'<p class="{css}">{both((sv, en))}</p>'


def heading(sv: str, en: str) -> str:
    return f"<h2>{both((sv, en))}</h2>"


def quote(text: str, language: str) -> str:
    """Somebody's own words: shown in whichever language the page is read."""
    return f'<q lang="{language}">{escape(text)}</q>'


def table(head: Head, rows: Iterable[Sequence[str]]) -> str:
    """`head`: each column's words and class ("n" for numbers); cells are HTML already."""
    top = "".join(f'<th scope="col" class="{css}">{both(words)}</th>' for words, css in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="{css}">{cell}</td>' for (_, css), cell in zip(head, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    inner = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="scroll" tabindex="0">{inner}</div>'


def figure(chart: str, caption_id: str, caption: Words, table: str, legend: str = "") -> str:
    summary = both(("Samma siffror som tabell", "The same figures as a table"))
    return (
        f'<figure><figcaption id="{caption_id}">{both(caption)}</figcaption>{legend}'
        f'<div class="scroll" tabindex="0">{chart}</div></figure>'
        f"<details><summary>{summary}</summary>{table}</details>"
    )
