"""The texts of messages, in files `templates/<template>.<language>.txt`, checked at load.

A file has a subject line and a text; the HTML part is made from the same text, so that the two
cannot differ. Only named variables are allowed: no expressions, filters, calls or loops.
"""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notification_service.application.sending_ports import Content
from notification_service.domain.contact import LANGUAGES, Language
from notification_service.domain.message import TEMPLATES, TemplateName
from notification_service.domain.wording import forbidden_words

FOLDER = Path(__file__).parents[1] / "templates"

_SUBJECT = "Subject: "
_GAP = re.compile(r"\n{3,}")
_ALLOWED_NODES = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_PAGE = (
    '<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
    '</head>\n<body style="font-family: sans-serif; line-height: 1.5">\n{paragraphs}\n'
    "</body></html>\n"
)


class TemplateInvalid(ValueError):
    """A template file cannot be used. The message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class _Wording:
    subject: Template
    text: Template


class FileTemplates:
    """The port `Templates`. Every template must be there in every language."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Raises TemplateInvalid."""
        self._jinja = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, keep_trailing_newline=True
        )
        self._wordings = {
            (template, language): self._load(folder, template, language)
            for template in TEMPLATES
            for language in LANGUAGES
        }
        known = {f"{template}.{language}.txt" for template, language in self._wordings}
        if unknown := sorted(path.name for path in folder.iterdir() if path.name not in known):
            raise TemplateInvalid(f"no message uses {', '.join(unknown)}")

    def render(
        self, template: TemplateName, language: Language, variables: Mapping[str, str]
    ) -> Content:
        """The message in one language. Raises jinja2.UndefinedError for a missing variable."""
        wording = self._wordings[template, language]
        # A line break in a unit's name must not become one in a header.
        subject = " ".join(wording.subject.render(variables).split())
        # A variable that is empty leaves no gap between two paragraphs.
        text = _GAP.sub("\n\n", wording.text.render(variables))
        return Content(subject, text, _as_html(subject, text, language, variables["link"]))

    def _load(self, folder: Path, template: TemplateName, language: Language) -> _Wording:
        path = folder / f"{template}.{language}.txt"
        if not path.is_file():
            raise TemplateInvalid(f"{path.name} is missing")
        whole = path.read_text(encoding="utf-8")
        head, _, text = whole.partition("\n\n")
        if not head.startswith(_SUBJECT) or "\n" in head or not text.strip():
            raise TemplateInvalid(
                f"{path.name} lacks a line 'Subject: ...', a blank line or a text"
            )
        if words := forbidden_words(whole):
            raise TemplateInvalid(f"{path.name} contains {', '.join(words)}, which no message may")
        self._check_variables(path.name, whole, TEMPLATES[template].variables)
        compiled = self._jinja.from_string
        return _Wording(compiled(head.removeprefix(_SUBJECT)), compiled(text))

    def _check_variables(self, name: str, whole: str, expected: Iterable[str]) -> None:
        try:
            tree = self._jinja.parse(whole)
        except TemplateSyntaxError as error:
            raise TemplateInvalid(f"{name}, line {error.lineno}: {error.message}") from error
        for node in [tree, *tree.find_all(nodes.Node)]:
            if not isinstance(node, _ALLOWED_NODES):
                kind = type(node).__name__
                raise TemplateInvalid(
                    f"{name}, line {node.lineno}: {kind}; use {{{{ name }}}} only"
                )
        used = {node.name for node in tree.find_all(nodes.Name)}
        if used != set(expected):
            has, should = ", ".join(sorted(used)), ", ".join(sorted(expected))
            raise TemplateInvalid(f"{name} has the variables {has}; it should have {should}")


def _as_html(subject: str, text: str, language: Language, link: str) -> str:
    paragraphs = []
    for paragraph in text.strip().split("\n\n"):
        escaped = html.escape(paragraph)
        if paragraph.strip() == link:
            escaped = f'<a href="{escaped}">{escaped}</a>'
        paragraphs.append(f"<p>{escaped}</p>")
    return _PAGE.format(
        language=language, title=html.escape(subject), paragraphs="\n".join(paragraphs)
    )
