"""Content for tests: complete, so that a test changes only what it is about."""

from dataclasses import replace

from content_service.domain.article import ArticleContent
from content_service.domain.module import Item, KitStep, KitVariant, ModuleContent, Text


def text(words: str) -> Text:
    return Text(sv=f"{words} på svenska", en=f"{words} in English")


def kit(item_id: str = "kit", minutes: int = 10) -> Item:
    steps = (KitStep(minutes, text("Talk")),)
    return Item(item_id, "meeting_kit", text("Kit"), text("Aim"), None, (KitVariant("10", steps),))


def content(**changes: object) -> ModuleContent:
    whole = ModuleContent(
        behaviours=("engagement",),
        phase="modules",
        length_minutes=45,
        title=text("Title"),
        summary=text("Summary"),
        items=(Item("read", "text", text("Read"), text("Body")), kit()),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def news() -> ArticleContent:
    return ArticleContent(text("News"), text("What happened"))


def film() -> ArticleContent:
    base = "https://media.example.se/start"
    captions = Text(f"{base}.sv.vtt", f"{base}.en.vtt")
    return ArticleContent(text("Film"), text("About"), f"{base}.mp4", captions, text("Spoken"))
