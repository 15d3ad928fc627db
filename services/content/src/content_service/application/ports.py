"""What the use cases need from outside. Adapters implement these with PostgreSQL."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from content_service.domain.article import Article, ArticleKind, ArticleStatus, Edition
from content_service.domain.assignment import Assignment
from content_service.domain.correction import Change
from content_service.domain.events import DomainEvent
from content_service.domain.module import Behaviour, Language, Module, Phase, PublishedModule, Text
from content_service.domain.practice import Action, Meeting
from content_service.domain.question import Question, QuestionStatus
from content_service.domain.reference import UnknownReference
from content_service.domain.search import Hit, SearchedKind
from content_service.domain.unit import Unit


class UnitScope(Protocol):
    """The units that a caller's roles cover: `units` alone, and `trees` with all below them."""

    @property
    def trees(self) -> frozenset[str]: ...

    @property
    def units(self) -> frozenset[str]: ...


Scope = UnitScope | None
"""What the caller's roles cover; None means every unit."""


class PageOf(Protocol):
    """Which part of a list is wanted."""

    @property
    def offset(self) -> int: ...

    @property
    def limit(self) -> int: ...


class Modules(Protocol):
    async def add(self, module: Module) -> bool:
        """Store a new module; False if that id is taken."""

    async def get(self, module_id: str) -> Module | None: ...

    async def lock(self, module_id: str) -> Module | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, module: Module) -> None: ...

    async def add_version(self, published: PublishedModule) -> None: ...

    async def get_version(self, module_id: str, version: int) -> PublishedModule | None: ...

    async def newest(self, module_ids: Collection[str]) -> Mapping[str, PublishedModule]:
        """The latest version of each of these modules; those never published are absent."""

    async def page(
        self, behaviour: Behaviour | None, phase: Phase | None, page: PageOf
    ) -> tuple[list[PublishedModule], int]:
        """Latest published versions by id, and how many there are on all pages."""

    async def drafts(self, page: PageOf) -> tuple[list[Module], int]:
        """All modules with their drafts by id, and how many there are on all pages."""


class Assignments(Protocol):
    async def add(self, assignments: Sequence[Assignment]) -> set[UUID]:
        """Store those that do not exist yet; return their ids."""

    async def find(self, assignment_ids: Collection[UUID]) -> Mapping[UUID, Assignment]: ...

    async def lock(self, assignment_id: UUID) -> Assignment | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, assignment: Assignment) -> None: ...

    async def exist_for(self, rollout_id: UUID, unit_id: str) -> bool:
        """Whether the unit has any module in the rollout."""

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> list[Assignment]:
        """Those of the unit in the rollout, by module."""

    async def page(
        self, scope: Scope, unit_id: str | None, rollout_id: UUID | None, page: PageOf
    ) -> tuple[list[Assignment], int]:
        """Assignments by unit and module, and how many there are on all pages."""


class Practice(Protocol):
    """Meetings and actions of units."""

    async def add_meeting(self, meeting: Meeting) -> None: ...

    async def add_action(self, action: Action) -> None: ...

    async def lock_meeting(self, meeting_id: UUID) -> Meeting | None:
        """Read it; transactions that would change it wait for this one."""

    async def save_meeting(self, meeting: Meeting) -> None: ...

    async def lock_action(self, action_id: UUID) -> Action | None:
        """Read it; transactions that would change it wait for this one."""

    async def save_action(self, action: Action) -> None: ...

    async def of_unit(self, rollout_id: UUID, unit_id: str) -> tuple[list[Meeting], list[Action]]:
        """Meetings by date, actions by check-back date, except those that were withdrawn."""

    async def add_change(self, change: Change) -> None: ...

    async def changes(
        self, rollout_id: UUID, unit_id: str, page: PageOf
    ) -> tuple[list[Change], int]:
        """Corrections and withdrawals, latest first, and how many there are on all pages."""


class Units(Protocol):
    async def save(self, unit: Unit) -> None:
        """Store a unit's state, unless a newer version is stored."""

    async def get(self, unit_id: str) -> Unit | None: ...

    async def path(self, unit_id: str) -> frozenset[str]:
        """The unit's id and those of all units above it, as far as they are known."""


class References(Protocol):
    """Which rollouts and units this service has heard of."""

    async def add_rollout(self, rollout_id: UUID, unit_ids: Collection[str]) -> None:
        """Store that the rollout exists, with its units; a second call changes nothing."""

    async def outside(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[str]:
        """Those that do not take part in the rollout; none if its units are not known."""

    async def occurs(self, rollout_id: UUID) -> bool:
        """Return whether the rollout is known or something is assigned in it."""

    async def unknown(self, rollout_id: UUID, unit_ids: Collection[str]) -> list[UnknownReference]:
        """Those that are not known: the rollout first, then the units in their order."""

    async def open_problems(self, scope: Scope, page: PageOf) -> tuple[list[UnknownReference], int]:
        """What the scope's assignments refer to and is not known, and how many on all pages."""


class Articles(Protocol):
    async def add(self, article: Article) -> bool:
        """Store a new article; False if that id is taken."""

    async def get(self, article_id: str) -> Article | None: ...

    async def lock(self, article_id: str) -> Article | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, article: Article) -> None: ...

    async def add_edition(self, edition: Edition) -> None: ...

    async def page(
        self, kind: ArticleKind | None, status: ArticleStatus | None, page: PageOf
    ) -> tuple[list[Article], int]:
        """Articles by id, and how many there are on all pages."""

    async def public(self, article_id: str) -> Edition | None:
        """The edition that everybody reads; None if nothing of the article is public."""

    async def which_public(self, article_ids: Collection[str]) -> frozenset[str]:
        """Those of which everybody reads an edition."""

    async def public_page(
        self, kind: ArticleKind | None, page: PageOf
    ) -> tuple[list[Edition], int]:
        """What everybody reads, newest first, and how many there are on all pages."""


class Search(Protocol):
    """Public texts by their words: nothing else is ever put here."""

    async def put(self, kind: SearchedKind, id_: str, title: Text, body: Text) -> None:
        """Make these the texts of this id."""

    async def remove(self, kind: SearchedKind, id_: str) -> None: ...

    async def find(self, words: str, language: Language, page: PageOf) -> tuple[list[Hit], int]:
        """Texts in this language, the best match first, and how many there are on all pages.

        All words must occur, in any form; "quoted" ones together, those after `-` not at all.
        """


class Inbox(Protocol):
    """Questions that people ask."""

    async def add(self, question: Question) -> None: ...

    async def lock_waiting(self, account: str) -> int:
        """How many of the account's wait; its other requests wait for this transaction."""

    async def lock(self, question_id: UUID) -> Question | None:
        """Read it; transactions that would change it wait for this one."""

    async def save(self, question: Question) -> None: ...

    async def page(
        self, status: QuestionStatus | None, account: str | None, page: PageOf
    ) -> tuple[list[Question], int]:
        """Questions, oldest first, and how many there are on all pages."""

    async def remove(self, handled_before: datetime, asked_before: datetime) -> int:
        """Delete those that were handled, or else asked, before; return how many."""


class UnitOfWork(Protocol):
    """One transaction. A use case gets it open and never commits."""

    articles: Articles
    inbox: Inbox
    search: Search
    modules: Modules
    assignments: Assignments
    practice: Practice
    units: Units
    references: References

    async def now(self) -> datetime:
        """When the transaction began, by the database's clock: the one that all processes share."""

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        """Publish the event if, and only if, the transaction commits.

        `cause` is the trace context that it continues; by default the current one.
        """

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
        unit_id: str | None = None,
    ) -> None:
        """Note what somebody does, in this transaction; nothing if the platform acts by itself.

        `action` is the permission and the operation of the API, `subject` what it is done to,
        `unit_id` the unit in which somebody may act in another's place.
        Answers, free texts and secrets are never noted.
        """


OpenUnitOfWork = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
"""Begins a unit of work, which commits on a clean exit."""
