"""Pages: Jinja templates in the reader's language."""

import gettext
import io
import re
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.units import format_unit
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.routing import Match

from contracts.permissions import PERMISSIONS
from portal_service.domain import bar, durations, faults, file_faults, sections, texts, who_acts
from portal_service.domain.document_form import place_of
from portal_service.domain.language import LANGUAGES, preferred, text_in
from portal_service.domain.origin import SAFE_METHODS

HERE = Path(__file__).parents[1]
STATIC = HERE / "static"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
_NOT_SAID = re.compile('<form.*?</form>|<p class="(?:empty|buttons)">.*?</p>', re.DOTALL)
"""What a page has beside its text: forms, notices of what is empty, and buttons."""


class Pages:
    """Renders the portal's templates."""

    def __init__(self) -> None:
        self._texts = {language: translations(language) for language in LANGUAGES}
        self._environments = {
            name: _environment(name, texts) for name, texts in self._texts.items()
        }

    def render(
        self, request: Request, template: str, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """`template` is a file of `templates/`, without its ending."""
        language = language_of(request)
        page = self._environments[language].get_template(f"{template}.html")
        shared = {
            "as_of": datetime.now(STOCKHOLM),
            "path": request.url.path,
            "here": _here(request),
            "viewer": getattr(request.state, "viewer", None),
            "said": _said_language(request),
        }
        body = page.render({**shared, **context})
        return HTMLResponse(body, status, {"content-language": language})

    def macros(self, template: str, language: str) -> Any:
        """A template's macros, for a document that is no page of the portal."""
        return self._environments[language].get_template(f"{template}.html").make_module()

    def plain(self, template: str, language: str, **context: Any) -> tuple[str, str]:
        """(heading, what it says) of a page for somebody who is not signed in."""
        shared = {"path": "", "here": "", "viewer": None, "said": ""}
        page = self._environments[language].get_template(f"{template}.html")
        text = _NOT_SAID.sub("", page.render({**shared, **context}))
        return _between(text, "h1"), _between(text, "main")

    def text(self, request: Request, message: str) -> str:
        """A text outside of templates, in the reader's language."""
        return self.translated(message, language_of(request))

    def translated(self, message: str, language: str) -> str:
        return self._texts[language].gettext(message)


def _between(text: str, tag: str) -> str:
    """The text of the first element of this name."""
    found = re.search(f"<{tag}[^>]*>(.*?)</{tag}>", text, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", found[1])).split()) if found else ""


def _here(request: Request) -> str:
    """The address at which this page can be read; the start page's if it is only posted to."""
    read = {**request.scope, "method": "GET"}
    matches = (route.matches(read)[0] for route in request.app.router.routes)
    if request.method not in SAFE_METHODS and Match.FULL not in matches:
        return "/start"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _said_language(request: Request) -> str:
    """What a link of somebody without a session carries on: the language that they chose."""
    chosen = chosen_language(request)
    return f"?language={chosen}" if chosen else ""


def chosen_language(request: Request) -> str | None:
    """The one that the address names."""
    chosen = request.query_params.get("language")
    return chosen if chosen in LANGUAGES else None


def language_of(request: Request) -> str:
    chosen = chosen_language(request) or getattr(request.state, "language", None)
    return preferred(chosen, request.headers.get("accept-language", ""))


def _environment(language: str, catalogue: gettext.NullTranslations) -> Environment:
    environment = Environment(
        loader=PackageLoader("portal_service"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]
    locale = LANGUAGES[language]

    def named(code: str, kind: str) -> str:
        known: Mapping[str, str] = getattr(texts, kind)
        return catalogue.gettext(texts.named(known, code))

    def fault(detail: str) -> str:
        text, given = faults.worded(detail)
        return catalogue.gettext(text) % given

    def file_fault(code: str, given: Mapping[str, str]) -> str:
        said = catalogue.gettext(file_faults.text_of(code, given)) % given
        if "heading" in given:
            said += " " + catalogue.gettext(file_faults.HEADING) % given
        return said

    def duration(text: str) -> str:
        parts = durations.parts_of(text)
        return " ".join(format_unit(count, unit, locale=locale) for unit, count in parts)

    def with_language(texts: Mapping[str, str]) -> Markup:
        """A text that is marked with its language if it is not the page's."""
        found, text = text_in(texts, language)
        plain = found == language
        return escape(text) if plain else Markup('<span lang="{}">{}</span>').format(found, text)

    def other_language(texts: Mapping[str, str]) -> str:
        """The language of the text if it is not the page's, else ""."""
        found, _ = text_in(texts, language)
        return "" if found == language else found

    environment.filters["listed"] = lambda names: format_list(names, locale=locale)
    environment.filters["with_language"] = with_language
    environment.filters["other_language"] = other_language
    environment.filters["plain_text"] = lambda texts: text_in(texts, language)[1]
    environment.filters["named"] = named
    environment.filters["fault"] = fault
    environment.filters["file_fault"] = file_fault
    environment.filters["duration"] = duration
    environment.filters["place_of"] = place_of
    environment.filters["moment"] = lambda value: format_datetime(
        _local(value), "d MMMM y HH:mm", locale=locale
    )
    environment.filters["number"] = lambda value: format_decimal(value, "#,##0.#", locale)
    environment.filters["clock"] = lambda value: _local(value).strftime("%H:%M:%S")
    environment.filters["day"] = lambda value: format_date(_day(value), "d MMMM y", locale=locale)
    environment.globals.update(
        language=language,
        languages={one: _own_name(LANGUAGES[one]) for one in LANGUAGES},
        tones=texts.TONES,
        bar=bar,
        address_of=sections.address_of,
        asset=ASSETS.__getitem__,
        known=texts,
        who_acts=who_acts,
        roles_with=roles_with,
    )
    return environment


def _own_name(locale: str) -> str:
    return str(Locale.parse(locale).language_name).capitalize()


def roles_with(permission: str) -> list[str]:
    """The roles that have it and that a person can be given: a respondent is of a code."""
    roles = PERMISSIONS[permission].roles
    return [role for role in roles if role in texts.ROLES and role != "respondent"]


def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; the texts of the templates are English already."""
    if language == "en":
        return gettext.NullTranslations()
    path = HERE / "locale" / language / "LC_MESSAGES" / "portal.po"
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _address(path: Path) -> str:
    digest = sha256(path.read_bytes()).hexdigest()[:12]
    return f"/static/{path.relative_to(STATIC).as_posix()}?v={digest}"


ASSETS: Mapping[str, str] = {
    path.relative_to(STATIC).as_posix(): _address(path)
    for path in STATIC.rglob("*")
    if path.is_file()
}
"""The address of each static file, which changes with its content."""


def _day(value: str | datetime) -> date:
    if isinstance(value, str) and len(value) == len("2026-01-01"):
        return date.fromisoformat(value)
    return _local(value).date()


def _local(value: str | datetime) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(STOCKHOLM)
