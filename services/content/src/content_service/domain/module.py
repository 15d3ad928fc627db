"""Modules: what a unit works with. A draft may be unfinished; a published version is complete in
both languages, has a content hash, and never changes."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from content_service.domain.errors import DomainError

Behaviour = Literal[
    "engagement",
    "consideration",
    "constructive_confrontation",
    "supports_manager",
    "positive_attitude",
    "creativity",
    "stress_handling",
]
Phase = Literal["preparation", "baseline", "modules", "follow_up", "after_care"]
Kind = Literal["film", "meeting_kit", "e_learning", "news", "faq", "text"]
Variant = Literal["10", "30", "60", "shift_handover"]
Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_LINKED_KINDS = ("film", "e_learning")


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages; in a draft either may still be empty."""

    sv: str
    en: str


@dataclass(frozen=True, slots=True)
class KitStep:
    """One timed step of a meeting."""

    minutes: int
    text: Text


@dataclass(frozen=True, slots=True)
class KitVariant:
    """The same meeting for 10, 30 or 60 minutes, or for a shift handover."""

    variant: Variant
    steps: tuple[KitStep, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do, see or read. Only a meeting kit has variants."""

    item_id: str
    kind: Kind
    title: Text
    body: Text
    url: str | None = None
    variants: tuple[KitVariant, ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleContent:
    """Everything that an editor writes. `length_minutes` is the time that one person needs."""

    behaviours: tuple[Behaviour, ...]
    phase: Phase
    length_minutes: int
    title: Text
    summary: Text
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """A module: its draft, and the latest version that was published (0 = none yet)."""

    module_id: str
    draft: ModuleContent
    version: int = 0
    published_hash: str | None = None


@dataclass(frozen=True, slots=True)
class PublishedModule:
    """One immutable version."""

    module_id: str
    version: int
    content: ModuleContent
    content_hash: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class ModulePublished:
    """A version can now be assigned."""

    module_id: str
    version: int
    behaviours: tuple[Behaviour, ...]


def content_hash(content: ModuleContent) -> str:
    """SHA-256 of the content as JSON with sorted keys and no spaces, in hex."""
    canonical = json.dumps(
        asdict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def publish(module: Module, now: datetime) -> tuple[Module, PublishedModule, ModulePublished]:
    """Return the draft as the next version.

    Raises DomainError `module-incomplete`, which lists every gap by JSON pointer, or
    `nothing-to-publish` if the draft equals the latest version.
    """
    content = module.draft
    gaps = [{"pointer": pointer, "detail": detail} for pointer, detail in _gaps(content)]
    if gaps:
        gaps_text = "1 thing is" if len(gaps) == 1 else f"{len(gaps)} things are"
        detail = f"{gaps_text} missing or wrong in the draft. Complete it, then publish."
        raise DomainError("module-incomplete", "invalid", detail, gaps)
    digest = content_hash(content)
    if digest == module.published_hash:
        detail = f"The draft of {module.module_id} is the same as version {module.version}."
        raise DomainError("nothing-to-publish", "conflict", detail)
    version = module.version + 1
    return (
        replace(module, version=version, published_hash=digest),
        PublishedModule(module.module_id, version, content, digest, now),
        ModulePublished(module.module_id, version, content.behaviours),
    )


def _gaps(content: ModuleContent) -> Iterator[tuple[str, str]]:
    """Everything that keeps the content from being published."""
    yield from missing_texts("/title", content.title)
    yield from missing_texts("/summary", content.summary)
    if not content.items:
        yield "/items", "A module needs at least one item."
    if len(set(content.behaviours)) < len(content.behaviours):
        yield "/behaviours", "A behaviour is listed twice. Remove one."
    seen: set[str] = set()
    for index, item in enumerate(content.items):
        pointer = f"/items/{index}"
        if item.item_id in seen:
            yield f"{pointer}/item_id", f"{item.item_id} is used twice. Rename one."
        seen.add(item.item_id)
        yield from _item_gaps(pointer, item)


def _item_gaps(pointer: str, item: Item) -> Iterator[tuple[str, str]]:
    yield from missing_texts(f"{pointer}/title", item.title)
    yield from missing_texts(f"{pointer}/body", item.body)
    if item.kind in _LINKED_KINDS and not item.url:
        yield f"{pointer}/url", f"An item of kind {item.kind} needs a link."
    if item.kind == "meeting_kit" and not item.variants:
        yield f"{pointer}/variants", "A meeting kit needs at least one variant."
    if item.kind != "meeting_kit" and item.variants:
        yield f"{pointer}/variants", "Only a meeting kit has variants."
    names = [variant.variant for variant in item.variants]
    for index, variant in enumerate(item.variants):
        place = f"{pointer}/variants/{index}"
        if variant.variant in names[:index]:
            yield f"{place}/variant", f"{variant.variant} is listed twice. Remove one."
        if not variant.steps:
            yield f"{place}/steps", "A variant needs at least one step."
        minutes = sum(step.minutes for step in variant.steps)
        if variant.variant != "shift_handover" and minutes > int(variant.variant):
            yield f"{place}/steps", f"The steps take {minutes} minutes; {variant.variant} at most."
        for number, step in enumerate(variant.steps):
            yield from missing_texts(f"{place}/steps/{number}/text", step.text)


def _is_blank(text: str) -> bool:
    """Whether nobody can see anything of it: spaces, control and format characters only."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def missing_texts(pointer: str, text: Text) -> Iterator[tuple[str, str]]:
    """JSON pointer and complaint of each language in which the text is blank."""
    for language in LANGUAGES:
        if _is_blank(getattr(text, language)):
            yield f"{pointer}/{language}", "The text is missing in this language."
