"""The use cases of the inbox. Each runs inside an open unit of work and never commits."""

from uuid import UUID, uuid4

from content_service.application.article_handlers import add_article
from content_service.application.ports import UnitOfWork
from content_service.domain import question as questions
from content_service.domain.article import Article, ArticleContent
from content_service.domain.errors import DomainError
from content_service.domain.module import Language, Text
from content_service.domain.question import Question


async def ask_question(text: str, language: Language, asked_by: str, uow: UnitOfWork) -> Question:
    """Return the question that waits. Raises DomainError `questions-waiting`.

    It leaves no line in the audit trail: that would say for ever who asked.
    """
    questions.check_room(await uow.inbox.lock_waiting(asked_by))
    question = Question(uuid4(), text, language, asked_by, await uow.now())
    await uow.inbox.add(question)
    return question


async def draft_answer(question_id: UUID, article_id: str, uow: UnitOfWork) -> Question:
    """Make the question an article's draft, in its own language, for an editor to complete.

    Raises DomainError `question-unknown`, `question-handled` or `article-exists`.
    """
    before = await _lock(question_id, uow)
    after = questions.draft(before, article_id, await uow.now())
    title = Text(**{"sv": "", "en": "", before.language: before.text})
    await add_article(Article(article_id, "question", ArticleContent(title, Text("", ""))), uow)
    await uow.inbox.save(after)
    _note("draft_answer", before, after, uow)
    return after


async def close_question(question_id: UUID, reason: str, uow: UnitOfWork) -> Question:
    """Raises DomainError `question-unknown` or `question-handled`."""
    before = await _lock(question_id, uow)
    after = questions.close(before, reason, await uow.now())
    await uow.inbox.save(after)
    _note("close_question", before, after, uow)
    return after


async def remove_old(uow: UnitOfWork) -> int:
    """Delete questions that were kept long enough; return how many."""
    now = await uow.now()
    return await uow.inbox.remove(now - questions.KEPT_HANDLED, now - questions.KEPT_WAITING)


async def _lock(question_id: UUID, uow: UnitOfWork) -> Question:
    question = await uow.inbox.lock(question_id)
    if question is None:
        detail = f"There is no question {question_id} in the inbox."
        raise DomainError("question-unknown", "not_found", detail)
    return question


def _note(operation: str, before: Question, after: Question, uow: UnitOfWork) -> None:
    """Without the reason: the asker reads it, and it may repeat what was asked."""
    became = {"status": after.status, "article_id": after.article_id}
    uow.audit(
        f"questions.handle/{operation}",
        f"question/{after.question_id}",
        {"status": before.status},
        {name: value for name, value in became.items() if value is not None},
    )
