"""Bodies of questions that people ask. No answer says who asked."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from content_service.domain.module import Language
from content_service.domain.question import Question, QuestionStatus
from content_service.entrypoints.http.fields import NO_NAMES, Id, Read
from servicekit.request_body import RequestBody
from servicekit.text import Line, Prose


class NewQuestionBody(RequestBody):
    """A question to those who lead the introduction."""

    text: Annotated[
        Line,
        Field(
            max_length=300,
            description=f"{NO_NAMES} It is kept for 30 days after it was handled, a year at most.",
            examples=["May we hold the meeting in two sessions?"],
        ),
    ]
    language: Language


class AnswerDraftBody(RequestBody):
    """The article that a question becomes."""

    article_id: Id


class ClosingBody(RequestBody):
    """Why a question gets no article."""

    reason: Annotated[
        Prose,
        Field(
            max_length=1_000,
            description=f"Whoever asked reads it. {NO_NAMES}",
            examples=["It is answered under another question."],
        ),
    ]


class QuestionBody(Read):
    """A question, and what became of it."""

    question_id: UUID
    text: str
    language: Language
    asked_at: datetime
    status: QuestionStatus
    article_id: str | None = Field(description="What it became, published or not.")
    is_public: bool = Field(default=False, description="Whether everybody reads the answer.")
    reason: str | None = Field(description="Why it was closed; otherwise null.")
    handled_at: datetime | None

    @classmethod
    def of(cls, question: Question, public: Collection[str] = ()) -> "QuestionBody":
        """`public`: ids of articles that everybody reads."""
        read = cls.model_validate(question)
        return read.model_copy(update={"is_public": question.article_id in public})
