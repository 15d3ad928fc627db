"""HTTP: questions that people ask, and the inbox where they are answered."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from content_service.application import question_handlers
from content_service.domain.question import QuestionStatus
from content_service.entrypoints.app import Asker, InboxKeeper, app_of
from content_service.entrypoints.http.question_schemas import (
    AnswerDraftBody,
    ClosingBody,
    NewQuestionBody,
    QuestionBody,
)
from servicekit.idempotency import IdempotencyKey, idempotent
from servicekit.paging import Page, PageQuery

router = APIRouter(prefix="/questions", tags=["questions"])


@router.post("", status_code=201, response_model=QuestionBody)
async def ask_question(
    request: Request, caller: Asker, key: IdempotencyKey, body: NewQuestionBody
) -> Response:
    """Ask; a few of one account may wait at a time. Nobody sees who asked."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> QuestionBody:
            asked = await question_handlers.ask_question(
                body.text, body.language, caller.subject, uow
            )
            return QuestionBody.of(asked)

        return await idempotent(uow, key, produce, status=201)


@router.get("/own")
async def list_own_questions(
    request: Request, caller: Asker, page: PageQuery
) -> Page[QuestionBody]:
    """What the caller asked and what became of it, oldest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.inbox.page(None, caller.subject, page)
        public = await uow.articles.which_public([q.article_id for q in found if q.article_id])
    return page.holding([QuestionBody.of(question, public) for question in found], total)


@router.get("")
async def list_questions(
    request: Request, caller: InboxKeeper, page: PageQuery, status: QuestionStatus | None = None
) -> Page[QuestionBody]:
    """The inbox, oldest first."""
    async with app_of(request).uow().at_one_moment() as uow:
        found, total = await uow.inbox.page(status, None, page)
        public = await uow.articles.which_public([q.article_id for q in found if q.article_id])
    return page.holding([QuestionBody.of(question, public) for question in found], total)


@router.post("/{question_id}/draft", response_model=QuestionBody)
async def draft_answer(
    request: Request,
    caller: InboxKeeper,
    key: IdempotencyKey,
    question_id: UUID,
    body: AnswerDraftBody,
) -> Response:
    """Make the question an article's draft; the article is then completed and published."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> QuestionBody:
            drafted = await question_handlers.draft_answer(question_id, body.article_id, uow)
            return QuestionBody.of(drafted)

        return await idempotent(uow, key, produce)


@router.post("/{question_id}/close", response_model=QuestionBody)
async def close_question(
    request: Request,
    caller: InboxKeeper,
    key: IdempotencyKey,
    question_id: UUID,
    body: ClosingBody,
) -> Response:
    """Close a question that gets no article."""
    async with app_of(request).uow().by(caller) as uow:

        async def produce() -> QuestionBody:
            closed = await question_handlers.close_question(question_id, body.reason, uow)
            return QuestionBody.of(closed)

        return await idempotent(uow, key, produce)
