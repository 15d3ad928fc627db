"""Bodies of the library: drafts as editors send them, versions as everybody reads them."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, TypeAdapter

from content_service.domain.module import (
    LANGUAGES,
    Behaviour,
    Item,
    Kind,
    Language,
    Module,
    ModuleContent,
    Phase,
    PublishedModule,
    Text,
    Variant,
    content_hash,
)
from content_service.entrypoints.http.fields import (
    STORED,
    DraftProse,
    DraftWords,
    Id,
    draft_line,
)
from servicekit.request_body import RequestBody

_content = TypeAdapter(ModuleContent)

Link = Annotated[
    str,
    StringConstraints(max_length=2_000, pattern=r"^https://[^\s\x00]+$"),
    AfterValidator(draft_line),
]
Localised = Annotated[
    dict[str, str], Field(description="Text by language: sv, en, or only the requested one.")
]


class TitleBody(RequestBody):
    """A short text; in a draft either language may be empty."""

    sv: DraftWords
    en: DraftWords


class ProseBody(RequestBody):
    """A long text; in a draft either language may be empty."""

    sv: DraftProse
    en: DraftProse


class KitStepBody(RequestBody):
    """One timed step of a meeting."""

    minutes: Annotated[int, Field(ge=1, le=480)]
    text: ProseBody


class KitVariantBody(RequestBody):
    """The meeting for 10, 30 or 60 minutes, or for a shift handover."""

    variant: Variant
    steps: Annotated[list[KitStepBody], Field(max_length=50)]


class ItemBody(RequestBody):
    """One thing to do, see or read."""

    item_id: Id
    kind: Kind
    title: TitleBody
    body: ProseBody
    url: Link | None = None
    variants: list[KitVariantBody] = Field(default=[], max_length=4)


class DraftBody(RequestBody):
    """Everything that an editor writes. `length_minutes` is the time that one person needs."""

    behaviours: Annotated[list[Behaviour], Field(min_length=1, max_length=7)]
    phase: Phase
    length_minutes: Annotated[int, Field(ge=1, le=1_000)]
    title: TitleBody
    summary: ProseBody
    items: Annotated[list[ItemBody], Field(max_length=50)]

    def content(self) -> ModuleContent:
        return _content.validate_python(self.model_dump(include=set(DraftBody.model_fields)))


ExpectedHash = Annotated[
    str | None,
    Field(
        pattern="^[0-9a-f]{64}$",
        examples=["0123456789abcdef" * 4],
        description="The `draft_hash` of the draft that is meant: another one is refused"
        " (`module-changed`). Without it, whatever draft there is.",
    ),
]


class RevisedDraftBody(DraftBody):
    """Another draft."""

    expected_hash: ExpectedHash = None


class ExpectedDraftBody(RequestBody):
    """Which draft is meant."""

    expected_hash: ExpectedHash = None


class NewModuleBody(DraftBody):
    """A new module with its first draft."""

    module_id: Id


class ModuleBody(BaseModel):
    """A module and its draft."""

    module_id: str
    published_version: int | None = Field(
        description="The latest published version; null before the first."
    )
    draft_hash: str = Field(description="SHA-256 of the draft, in hex.")
    is_published: bool = Field(description="Whether the draft is the latest published version.")
    draft: DraftBody

    @classmethod
    def of(cls, module: Module) -> "ModuleBody":
        draft_hash = content_hash(module.draft)
        return cls(
            module_id=module.module_id,
            published_version=module.version or None,
            draft_hash=draft_hash,
            is_published=draft_hash == module.published_hash,
            draft=DraftBody.model_validate(_content.dump_python(module.draft), context=STORED),
        )


class PublishedStepBody(BaseModel):
    """One timed step of a meeting."""

    minutes: int
    text: Localised


class PublishedVariantBody(BaseModel):
    """One variant of the meeting."""

    variant: Variant
    steps: list[PublishedStepBody]


class PublishedItemBody(BaseModel):
    """One thing to do, see or read."""

    item_id: str
    kind: Kind
    title: Localised
    body: Localised
    url: str | None
    variants: list[PublishedVariantBody]

    @classmethod
    def of(cls, item: Item, language: Language | None) -> "PublishedItemBody":
        variants = [
            PublishedVariantBody(
                variant=variant.variant,
                steps=[
                    PublishedStepBody(minutes=step.minutes, text=localised(step.text, language))
                    for step in variant.steps
                ],
            )
            for variant in item.variants
        ]
        return cls(
            item_id=item.item_id,
            kind=item.kind,
            title=localised(item.title, language),
            body=localised(item.body, language),
            url=item.url,
            variants=variants,
        )


class ModuleCard(BaseModel):
    """A published version as the library lists it."""

    module_id: str
    version: int
    behaviours: list[Behaviour]
    phase: Phase
    length_minutes: int
    title: Localised
    summary: Localised

    @classmethod
    def of(cls, published: PublishedModule, language: Language | None) -> "ModuleCard":
        content = published.content
        return cls(
            module_id=published.module_id,
            version=published.version,
            behaviours=list(content.behaviours),
            phase=content.phase,
            length_minutes=content.length_minutes,
            title=localised(content.title, language),
            summary=localised(content.summary, language),
        )


class PublishedBody(ModuleCard):
    """A published version in full. The hash covers both languages, whichever is requested."""

    items: list[PublishedItemBody]
    content_hash: str = Field(description="SHA-256 of the content, in hex.")
    published_at: datetime

    @classmethod
    def of(cls, published: PublishedModule, language: Language | None) -> "PublishedBody":
        card = ModuleCard.of(published, language)
        items = published.content.items
        return cls(
            **card.model_dump(),
            items=[PublishedItemBody.of(item, language) for item in items],
            content_hash=published.content_hash,
            published_at=published.published_at,
        )


def localised(text: Text, language: Language | None) -> dict[str, str]:
    """The text by language: in both, or in the one that is asked for."""
    return {code: getattr(text, code) for code in LANGUAGES if language in (None, code)}
