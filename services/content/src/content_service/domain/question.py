"""Questions that people ask: each waits in the inbox until it became an article's draft or was
closed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from content_service.domain.errors import DomainError
from content_service.domain.module import Language

QuestionStatus = Literal["waiting", "drafted", "closed"]
MOST_WAITING = 5
"""Of one account."""
KEPT_HANDLED = timedelta(days=30)
KEPT_WAITING = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Question:
    """`asked_by` is an account: its holder reads what became of the question, and nobody else
    learns who asked."""

    question_id: UUID
    text: str
    language: Language
    asked_by: str
    asked_at: datetime
    status: QuestionStatus = "waiting"
    article_id: str | None = None
    reason: str | None = None
    handled_at: datetime | None = None


def check_room(waiting: int) -> None:
    """Raises DomainError `questions-waiting` for somebody with many unanswered questions."""
    if waiting >= MOST_WAITING:
        detail = f"{waiting} of your questions wait for an answer. Ask again when one has it."
        raise DomainError("questions-waiting", "conflict", detail)


def draft(question: Question, article_id: str, at: datetime) -> Question:
    """Return the question that became an article's draft. Raises DomainError `question-handled`."""
    _check_waiting(question)
    return replace(question, status="drafted", article_id=article_id, handled_at=at)


def close(question: Question, reason: str, at: datetime) -> Question:
    """Return the question that gets no article. Raises DomainError `question-handled`."""
    _check_waiting(question)
    return replace(question, status="closed", reason=reason, handled_at=at)


def _check_waiting(question: Question) -> None:
    if question.status != "waiting":
        detail = f"The question is {question.status} already."
        raise DomainError("question-handled", "conflict", detail)
