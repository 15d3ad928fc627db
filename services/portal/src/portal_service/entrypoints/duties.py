"""What waits for writers, for the custodian of keys, and for those who operate the platform."""

import asyncio
from datetime import datetime

from fastapi import Request

from portal_service.domain import waiting
from portal_service.domain.health import Health, health_of
from portal_service.domain.waiting import Waiting
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.pages import STOCKHOLM, language_of
from portal_service.entrypoints.partial import Partial
from portal_service.entrypoints.viewer import Viewer

_SERVICES = ("assessment", "content", "notification", "people", "workflow")
_LONGEST_PAGE = "200"


async def to_write(request: Request, part: Partial, viewer: Viewer) -> list[Waiting]:
    """Questions, articles that are reviewed, and answers to look at again."""
    found: list[Waiting] = []
    if viewer.is_shown("questions.handle"):
        inbox = await part.get("content", "/questions", status="waiting", limit="1")
        found += waiting.how_many("questions", inbox["total"] if inbox else 0, "/inbox")
    if viewer.is_shown("articles.edit"):
        language, today = language_of(request), datetime.now(STOCKHOLM).date()
        submitted, answers = await asyncio.gather(
            part.items("content", "/articles", status="in_review", limit=_LONGEST_PAGE),
            part.items("content", "/articles", kind="question", limit=_LONGEST_PAGE),
        )
        found += waiting.to_review(submitted, language)
        found += waiting.to_look_at_again(answers, language, today, STOCKHOLM)
    return found


async def to_hand_in(part: Partial, viewer: Viewer) -> list[Waiting]:
    """Results whose rounds have closed, and that wait for the custodian."""
    if not viewer.is_shown("custody.hand_in"):
        return []
    envelopes = await part.items("assessment", "/custody", limit=_LONGEST_PAGE)
    return waiting.how_many("share", sum(one["is_closed"] for one in envelopes), "/custody")


async def to_operate(request: Request, part: Partial, viewer: Viewer) -> list[Waiting]:
    """Dead letters, and whatever else operators have to look at."""
    if not viewer.is_shown("dead_letters.handle"):
        return []
    findings = (await health(request, part)).findings
    letters = sum(one.count for one in findings if one.kind == "dead_letters")
    others = sum(one.kind != "dead_letters" for one in findings)
    return [
        *waiting.how_many("dead_letters", letters, "/operation/dead-letters"),
        *waiting.how_many("findings", others, "/operation"),
    ]


async def health(request: Request, part: Partial) -> Health:
    """Every service is asked at once; one that does not answer is shown as that."""
    own, *answers = await asyncio.gather(
        app_of(request).own_processes.look(),
        *(part.get(service, "/operation") for service in _SERVICES),
    )
    return health_of({**dict(zip(_SERVICES, answers, strict=True)), "portal": own})
