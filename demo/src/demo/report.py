"""The report from the demo's result: four pages, each one file without scripts.

The director's page and the technical page, each in Swedish and in English. They show the figures
of `demo-result.json` and add none of their own.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from demo import director, portal_pieces, technical
from demo.markup import Html, element, paragraph
from demo.wording import ENGLISH, SWEDISH, Language

_DIRECTOR, _TECHNICAL = "demo-report", "demo-technical"
_CONTENT = {_DIRECTOR: director.content, _TECHNICAL: technical.content}
_STYLE = Path(__file__).parent / "report.css"


def write(result: Mapping[str, Any], directory: Path) -> list[Path]:
    """Write the four pages; returns their paths, the director's Swedish page first."""
    written = []
    for name in _CONTENT:
        for say in (SWEDISH, ENGLISH):
            written.append(directory / _file(name, say))
            written[-1].write_text(page(name, result, say), encoding="utf-8")
    return written


def page(name: str, result: Mapping[str, Any], say: Language) -> str:
    """One whole document. `name`: `demo-report` or `demo-technical`."""
    title = {
        _DIRECTOR: say("Utvecklande medarbetarskap: rapport", "Developmental employeeship: report"),
        _TECHNICAL: say("Teknisk räkning", "Technical count"),
    }[name]
    main = element(
        "main",
        _navigation(name, say, say("Sidor", "Pages")),
        _CONTENT[name](result, say),
        _footer(name, result, say),
    )
    return f"""<!doctype html>
<html lang="{say.code}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{portal_pieces.style()}{_STYLE.read_text(encoding="utf-8")}</style>
</head>
<body>
{main}
</body>
</html>
"""


def _file(name: str, say: Language) -> str:
    return f"{name}.html" if say == SWEDISH else f"{name}.en.html"


def _navigation(name: str, say: Language, label: str) -> Html:
    """Links to the other page and to the same page in the other language."""
    other, text = (
        (_TECHNICAL, say("Teknisk räkning", "Technical count"))
        if name == _DIRECTOR
        else (_DIRECTOR, say("Rapporten", "The report"))
    )
    language, its_name = (ENGLISH, "English") if say.code == "sv" else (SWEDISH, "Svenska")
    return element(
        "nav",
        element("span", say("Exempeldata", "Sample data"), css="sample"),
        element("a", text, href=_file(other, say)),
        element("a", its_name, href=_file(name, language), lang=language.code),
        aria_label=label,
    )


def _footer(name: str, result: Mapping[str, Any], say: Language) -> Html:
    moment = say.moment(datetime.fromisoformat(result["started_at"]))
    return element(
        "footer",
        paragraph(
            say(
                "Allt på sidan är exempeldata. De fyra pilotenheterna har sina riktiga namn. "
                "Alla personer, svar, beslut och övriga enheter är påhittade.",
                "Everything on this page is sample data. The four pilot units have their real "
                "names. All people, answers, decisions and other units are invented.",
            )
        ),
        paragraph(
            say(f"Körningen startade {moment}. ", f"The run started on {moment}. "),
            say("Alla klockslag är svensk tid.", "All times are Swedish time."),
        ),
        _navigation(name, say, say("Sidor, längst ned", "Pages, at the foot")),
    )
