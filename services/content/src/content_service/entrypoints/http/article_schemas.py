"""Bodies of articles: drafts as editors send them, editions as everybody reads them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter

from content_service.domain.article import (
    NO_TEXT,
    Article,
    ArticleContent,
    ArticleKind,
    ArticleStatus,
    Edition,
)
from content_service.domain.module import Language
from content_service.domain.search import Hit, SearchedKind
from content_service.entrypoints.http.fields import STORED, Id, Read, Reason
from content_service.entrypoints.http.module_schemas import (
    Link,
    Localised,
    ProseBody,
    TitleBody,
    localised,
)
from servicekit.request_body import RequestBody

_content = TypeAdapter(ArticleContent)
_NOTHING = {"sv": "", "en": ""}

CaptionsLink = Annotated[
    str,
    Field(
        max_length=2_000,
        pattern=r"^(https://[^\s\x00]+)?$",
        examples=["https://media.example.se/um.sv.vtt"],
    ),
]
ExpectedVersion = Annotated[
    int,
    Field(
        ge=1,
        description="The article's version as you read it; refused (409) if it changed since.",
        examples=[1],
    ),
]


class CaptionsBody(RequestBody):
    """A film's captions (WebVTT): a link for each language, which may be empty in a draft."""

    sv: CaptionsLink = ""
    en: CaptionsLink = ""


class ArticleDraftBody(RequestBody):
    """Everything that an editor writes. Of a question `title` is the question and `text` the
    answer. Texts are plain: an empty line begins a new paragraph."""

    title: TitleBody
    text: ProseBody
    url: Link | None = Field(default=None, description="Of a film or a course.")
    captions: CaptionsBody = Field(default=CaptionsBody(), description="Of a film.")
    transcript: ProseBody = Field(
        default=ProseBody(**_NOTHING), description="Of a film: all that is said and shown."
    )
    review_by: date | None = Field(
        default=None, description="Of a question: by when the answer is looked at again."
    )

    def content(self) -> ArticleContent:
        return _content.validate_python(self.model_dump(include=set(ArticleDraftBody.model_fields)))


class NewArticleBody(ArticleDraftBody):
    """A new article with its first draft."""

    article_id: Id
    kind: ArticleKind


class RevisedArticleBody(ArticleDraftBody):
    """Another draft."""

    expected_version: ExpectedVersion


class ExpectedBody(RequestBody):
    """Which version is meant."""

    expected_version: ExpectedVersion


class ReasonedBody(ExpectedBody):
    """Which version is meant, and why."""

    reason: Reason


class ArticleBody(BaseModel):
    """An article and its draft."""

    article_id: str
    kind: ArticleKind
    status: ArticleStatus = Field(description="Of the draft.")
    version: int = Field(description="Counts changes.")
    edition: int = Field(description="The latest that was published; 0 before the first.")
    is_public: bool = Field(description="Whether everybody reads that edition.")
    draft: ArticleDraftBody

    @classmethod
    def of(cls, article: Article) -> "ArticleBody":
        draft = _content.dump_python(article.draft)
        return cls(
            article_id=article.article_id,
            kind=article.kind,
            status=article.status,
            version=article.version,
            edition=article.edition,
            is_public=article.is_public,
            draft=ArticleDraftBody.model_validate(draft, context=STORED),
        )


class EditionBody(BaseModel):
    """What everybody reads of an article."""

    article_id: str
    kind: ArticleKind
    edition: int
    title: Localised
    text: Localised
    url: str | None = Field(description="Of a film or a course.")
    captions: Localised | None = Field(description="Of a film: links to WebVTT files.")
    transcript: Localised | None = Field(description="Of a film.")
    review_by: date | None = Field(
        description="Of a question: by when the answer is looked at again."
    )
    published_at: datetime

    @classmethod
    def of(cls, edition: Edition, language: Language | None) -> "EditionBody":
        content = edition.content
        is_film = content.transcript != NO_TEXT
        return cls(
            article_id=edition.article_id,
            kind=edition.kind,
            edition=edition.edition,
            title=localised(content.title, language),
            text=localised(content.text, language),
            url=content.url,
            captions=localised(content.captions, language) if is_film else None,
            transcript=localised(content.transcript, language) if is_film else None,
            review_by=content.review_by,
            published_at=edition.published_at,
        )


class PartBody(Read):
    """A piece of a text; `found` if it is one of the words that were searched for."""

    text: str
    found: bool


class HitBody(Read):
    """A text that has the words. An article's or a module's, by `kind` and `id`."""

    kind: SearchedKind
    id: str
    title: list[PartBody]
    excerpt: list[PartBody] = Field(description="The places that match best.")

    @classmethod
    def of(cls, hit: Hit) -> "HitBody":
        return cls.model_validate(hit)
