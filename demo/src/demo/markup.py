"""HTML from text. Every text is escaped, unless it is `Html` already."""

from collections.abc import Iterable, Sequence
from html import escape


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Head = Sequence[tuple[str, str]]
"""A table's columns: name and class ("n" for numbers)."""


def safe(text: str) -> Html:
    return text if isinstance(text, Html) else Html(escape(text))


def join(*parts: str) -> Html:
    return Html("".join(map(safe, parts)))


def element(tag: str, *content: str, css: str = "", **attributes: str) -> Html:
    """`css`: the class. An attribute such as `aria_label` is written `aria-label`."""
    given = {"class": css, **attributes} if css else attributes
    written = "".join(f' {name.replace("_", "-")}="{escape(v)}"' for name, v in given.items())
    return Html(f"<{tag}{written}>{join(*content)}</{tag}>")


def section(title: str, *content: str) -> Html:
    return element("section", element("h2", title), *content)


def paragraph(*content: str, css: str = "") -> Html:
    return element("p", *content, css=css)


def details(summary: str, *content: str) -> Html:
    return element("details", element("summary", summary), *content)


def table(head: Head, rows: Iterable[Sequence[str]]) -> Html:
    """On a narrow screen each row becomes a card, with the column's name before each cell."""
    top = [element("th", name, css=css, scope="col") for name, css in head]
    body = [
        element(
            "tr",
            *(
                element("td", element("span", cell), css=css, data_label=name)
                for (name, css), cell in zip(head, row, strict=True)
            ),
        )
        for row in rows
    ]
    return element(
        "table", element("thead", element("tr", *top)), element("tbody", *body), css="stacked"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """A list of names and what belongs to them."""
    rows = [element("div", element("dt", name), element("dd", value)) for name, value in pairs]
    return element("dl", *rows)


def tiles(pairs: Iterable[tuple[str, str]]) -> Html:
    """Large numbers and what they count."""
    items = [element("li", element("b", number), element("span", name)) for number, name in pairs]
    return element("ul", *items, css="tiles")
