"""What the entrypoints need from the application object, and callers by what they may do."""

from typing import Annotated, Protocol, cast

from fastapi import Path, Request

from content_service.application.ports import UnitOfWork
from servicekit.access import may
from servicekit.auth import Principal
from servicekit.db import Transaction

ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"

ArticleEditor = Annotated[Principal, may("articles.edit")]
Asker = Annotated[Principal, may("questions.ask")]
InboxKeeper = Annotated[Principal, may("questions.handle")]
ModuleReader = Annotated[Principal, may("modules.read")]
ModuleEditor = Annotated[Principal, may("modules.edit")]
Planner = Annotated[Principal, may("assignments.make")]
PracticeReader = Annotated[Principal, may("practice.read")]
Recorder = Annotated[Principal, may("practice.record")]
PaperRecorder = Annotated[Principal, may("practice.record_on_paper")]
Corrector = Annotated[Principal, may("practice.correct")]
Overseer = Annotated[Principal, may("open_problems.read")]
ArticleId = Annotated[str, Path(pattern=ID_PATTERN)]
ModuleId = Annotated[str, Path(pattern=ID_PATTERN)]
UnitId = Annotated[str, Path(pattern=ID_PATTERN)]


class ContentTransaction(UnitOfWork, Transaction, Protocol):
    """A unit of work that commits on a clean exit."""


class ContentApp(Protocol):
    """The service as its entrypoints see it."""

    def uow(self) -> ContentTransaction: ...


def app_of(request: Request) -> ContentApp:
    return cast(ContentApp, request.app.state.app)
