"""The inbox: what becomes of a question, and what nobody learns about whoever asked."""

from datetime import timedelta
from uuid import uuid4

from content_service.application import article_handlers
from content_service.application import question_handlers as handlers
from content_service.domain.question import KEPT_HANDLED, KEPT_WAITING, MOST_WAITING, Question
from servicekit.paging import PageRequest
from unit.content.fakes import FakeUnitOfWork
from unit.content.setting import refused

ALL = PageRequest(limit=10)
TEXT = "Får vi dela upp träffen?"


async def asked(uow: FakeUnitOfWork, who: str = "account-1") -> Question:
    return await handlers.ask_question(TEXT, "sv", who, uow)


async def test_a_question_becomes_a_draft_in_its_own_language(uow: FakeUnitOfWork) -> None:
    question = await asked(uow)
    drafted = await handlers.draft_answer(question.question_id, "dela-upp", uow)
    assert (drafted.status, drafted.article_id) == ("drafted", "dela-upp")
    article = await article_handlers.get_article("dela-upp", uow)
    assert (article.kind, article.status) == ("question", "draft")
    assert (article.draft.title.sv, article.draft.title.en) == (TEXT, "")


async def test_a_question_is_handled_once(uow: FakeUnitOfWork) -> None:
    question = await asked(uow)
    await handlers.close_question(question.question_id, "Answered elsewhere", uow)
    with refused("question-handled"):
        await handlers.close_question(question.question_id, "Again", uow)
    with refused("question-handled"):
        await handlers.draft_answer(question.question_id, "other", uow)
    with refused("question-unknown"):
        await handlers.close_question(uuid4(), "x", uow)


async def test_an_article_that_exists_is_not_overwritten(uow: FakeUnitOfWork) -> None:
    first, second = await asked(uow), await asked(uow)
    await handlers.draft_answer(first.question_id, "dela-upp", uow)
    with refused("article-exists"):
        await handlers.draft_answer(second.question_id, "dela-upp", uow)


async def test_one_account_cannot_fill_the_inbox(uow: FakeUnitOfWork) -> None:
    questions = [await asked(uow) for _ in range(MOST_WAITING)]
    with refused("questions-waiting"):
        await asked(uow)
    await asked(uow, "account-2")
    await handlers.close_question(questions[0].question_id, "Answered elsewhere", uow)
    await asked(uow)


async def test_the_audit_trail_says_what_was_handled_and_neither_who_asked_nor_what(
    uow: FakeUnitOfWork,
) -> None:
    uow.noted.clear()
    first, second = await asked(uow), await asked(uow)
    assert uow.noted == []
    await handlers.close_question(first.question_id, f"{TEXT} Ja.", uow)
    await handlers.draft_answer(second.question_id, "dela-upp", uow)
    assert [one.after for one in uow.noted] == [
        {"status": "closed"},
        {"status": "drafted", "article_id": "dela-upp"},
    ]
    assert TEXT not in str(uow.noted)
    assert "account-1" not in str(uow.noted)
    assert uow.events == []


async def test_what_was_kept_long_enough_is_deleted(uow: FakeUnitOfWork) -> None:
    handled, waiting = await asked(uow), await asked(uow)
    await handlers.close_question(handled.question_id, "Answered elsewhere", uow)
    second = timedelta(seconds=1)
    for later, left in (
        (KEPT_HANDLED, [handled.question_id, waiting.question_id]),
        (second, [waiting.question_id]),
        (KEPT_WAITING - KEPT_HANDLED - second, [waiting.question_id]),
        (second, []),
    ):
        uow.time += later
        await handlers.remove_old(uow)
        found, _ = await uow.inbox.page(None, None, ALL)
        assert [one.question_id for one in found] == left
