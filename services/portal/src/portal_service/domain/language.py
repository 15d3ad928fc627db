"""In which language somebody reads the portal."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlencode

LANGUAGES: Mapping[str, str] = {"sv": "sv_SE", "en": "en_GB"}
"""Those with a catalogue, and the locale of their dates and numbers; the first is for whoever reads
none of them."""
WRITTEN = ("sv", "en")
"""In which the services keep texts."""


def preferred(chosen: str | None, accepted: str) -> str:
    """The language chosen by the cookie or link, else the browser's, else Swedish.

    `accepted` is the header `Accept-Language` (RFC 9110, section 12.5.4).
    """
    if chosen and chosen in LANGUAGES:
        return chosen
    for language in _ranked(accepted):
        if language in LANGUAGES:
            return language
    return next(iter(LANGUAGES))


def written(language: str) -> str:
    """The language of texts for somebody who reads the portal in this one."""
    return language if language in WRITTEN else WRITTEN[0]


def text_in(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """(language, text): in this language; else the first that is not empty."""
    if texts.get(language):
        return language, texts[language]
    return next(((other, text) for other, text in texts.items() if text), (language, ""))


def in_language(address: str, language: str) -> str:
    """The same address, read in this language."""
    path, _, query = address.partition("?")
    others = [(name, value) for name, value in parse_qsl(query) if name != "language"]
    return f"{path}?{urlencode([*others, ('language', language)])}"


def _ranked(accepted: str) -> Sequence[str]:
    weighted = []
    for place, part in enumerate(accepted.split(",")):
        name, _, weight = part.replace(" ", "").partition(";q=")
        quality = _quality(weight) if weight else 1.0
        weighted.append((-quality, place, name.split("-")[0].lower()))
    return [name for quality, _, name in sorted(weighted) if quality < 0]


def _quality(weight: str) -> float:
    """0 for what is no weight."""
    try:
        quality = float(weight)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
