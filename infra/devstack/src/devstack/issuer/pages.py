"""The issuer's pages: whom to sign in as, who is signed in. No JavaScript."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from devstack.issuer.sessions import Session
from devstack.issuer.texts import LANGUAGES, TEXTS, role_name
from devstack.pages import page
from devstack.personas import EVERY_UNIT, PERSON, PERSONAS, Directory, Persona

MOST = 50  # persons shown
_NOT_SENT_ON = ("q", "persona", "cancel")


def sign_in_page(query: Mapping[str, str], directory: Directory, language: str) -> str:
    """`query` is the authorization request, with `q`, the words that are searched for.

    Raises ValueError for a broken file of persons.
    """
    text = TEXTS[language]
    request = {name: value for name, value in query.items() if name not in _NOT_SENT_ON}
    words = query.get("q", "")
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in request.items()
    )

    def form(name: str, body: str) -> str:
        return f'<form id="{name}" method="post" action="/authorize">{hidden}{body}</form>'

    search = (
        f'<form id="search" action="/authorize" role="search">{hidden}<p><label for="q">'
        f'{text["name-or-id"]}</label> <input id="q" type="search" name="q"'
        f' value="{escape(words)}"> <button>{text["search"]}</button></p></form>'
    )
    anybody = (
        f'<p><label for="persona">{text["any-id"]}</label> <input id="persona" name="persona"'
        f' value="{PERSON}" autocomplete="off" spellcheck="false" required>'
        f" <button>{text['sign-in']}</button></p>"
    )
    body = (
        _languages(request, words, language),
        f"<p><strong>{text['for-development']}</strong></p>",
        f"<h2>{text['personas']}</h2>{form('personas', _table(PERSONAS.items(), language))}",
        f"<h2>{text['persons']}</h2>{search}",
        form("persons", _found(directory.search(words), language)),
        f"<h2>{text['anybody']}</h2>{form('anybody', anybody)}",
        form("cancel", f'<p><button name="cancel" value="1">{text["cancel"]}</button></p>'),
    )
    return page(text["sign-in"], "".join(body), language)


def sessions_page(
    sessions: Iterable[Session],
    directory: Directory,
    language: str,
    ended: tuple[int, int] | None = None,
) -> str:
    """`ended`: how many sessions have just ended, and how many of them the portal has confirmed."""
    text = TEXTS[language]
    notice = (
        f'<p role="status">{text["ended"].format(ended=ended[0], confirmed=ended[1])}</p>'
        if ended
        else ""
    )
    rows = "".join(_session(one, directory.find(one.persona), text) for one in sessions)
    head = "".join(f'<th scope="col">{text[name]}</th>' for name in ("name", "since", "end"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    body = table if rows else f"<p>{text['nobody-signed-in']}</p>"
    return page(text["sessions"], notice + body, language)


def signed_out_page(language: str) -> str:
    """Where nobody has said what comes after signing out."""
    return page(TEXTS[language]["signed-out"], "", language)


def _languages(request: Mapping[str, str], words: str, chosen: str) -> str:
    links = (
        f'<a href="/authorize?{escape(urlencode({**request, "q": words, "ui_locales": one}))}"'
        f' lang="{one}" hreflang="{one}">{name}</a>'
        for one, name in LANGUAGES.items()
        if one != chosen
    )
    return f"<p>{' '.join(links)}</p>"


def _found(persons: list[Persona], language: str) -> str:
    text = TEXTS[language]
    if not persons:
        return f'<p role="status">{text["nobody"]}</p>'
    shown = [(f"{PERSON}{person.subject}", person) for person in persons[:MOST]]
    count = text["shown"].format(shown=len(shown), found=len(persons))
    more = f" {text['narrow']}" if len(persons) > MOST else ""
    return f'<p role="status">{count}{more}</p>{_table(shown, language)}'


def _table(people: Iterable[tuple[str, Persona]], language: str) -> str:
    """A button to sign in as each; people are (name in the directory, persona)."""
    text = TEXTS[language]
    rows = "".join(
        f'<tr><td><button name="persona" value="{escape(name)}">{escape(persona.name)}</button>'
        f"</td><td>{escape(persona.subject)}</td><td>{_held(persona, language)}</td></tr>"
        for name, persona in people
    )
    head = "".join(f'<th scope="col">{text[name]}</th>' for name in ("name", "id", "held"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _held(persona: Persona, language: str) -> str:
    text = TEXTS[language]
    held = (
        ", ".join(
            part
            for part in (
                role_name(one.role, language),
                text["everywhere"] if one.unit == EVERY_UNIT else one.unit,
            )
            if part
        )
        for one in persona.assignments
    )
    return "<br>".join(map(escape, held)) or text["no-role"]


def _session(session: Session, persona: Persona, text: Mapping[str, str]) -> str:
    since = datetime.fromtimestamp(session.began_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    buttons = "".join(
        f'<button name="{name}" value="{escape(value)}"'
        f' aria-label="{text[label]}: {escape(persona.name)}">{text[label]}</button> '
        for name, value, label in (
            ("sid", session.sid, "end-this"),
            ("persona", session.persona, "end-all"),
        )
    )
    form = f'<form method="post" action="/sessions">{buttons}</form>'
    return f"<tr><td>{escape(persona.name)}</td><td>{since}</td><td>{form}</td></tr>"
