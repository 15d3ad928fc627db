"""What the portal's own pages say, to be searched."""

from collections.abc import Iterator
from functools import cache

from portal_service.application.ports import OwnText
from portal_service.domain import texts
from portal_service.domain.behaviours import BEHAVIOURS
from portal_service.entrypoints.pages import Pages


@cache
def own_texts(pages: Pages, language: str) -> tuple[OwnText, ...]:
    """Of the method, of each behaviour, and of the timetable; not what services publish on them."""
    method = pages.plain("method", language, away=[], behaviours=BEHAVIOURS, news=[], rollout=None)
    return (
        OwnText("/", *method),
        *_behaviours(pages, language),
        OwnText("/timetable", *pages.plain("timetable", language, rollouts=[], axes=[])),
    )


def _behaviours(pages: Pages, language: str) -> Iterator[OwnText]:
    for code, one in BEHAVIOURS.items():
        title, *said = (
            pages.translated(text, language)
            for text in (texts.BEHAVIOURS[code], one.means, one.example, one.try_it)
        )
        yield OwnText(f"/behaviours#{code}", title, " ".join(said))
