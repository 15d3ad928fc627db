"""A draft may be unfinished; what is published is complete and never changes."""

from datetime import UTC, datetime

import pytest

from content_service.domain import module as modules
from content_service.domain.errors import DomainError
from content_service.domain.module import Item, KitVariant, Module, ModuleContent, Text
from unit.content.builders import content, kit, text

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def gaps_of(draft: ModuleContent) -> dict[str, str]:
    with pytest.raises(DomainError) as caught:
        modules.publish(Module("m", draft), NOW)
    assert caught.value.code == "module-incomplete"
    return {entry["pointer"]: entry["detail"] for entry in caught.value.errors}


def test_versions_count_up_and_keep_their_content_hash() -> None:
    first, published, event = modules.publish(Module("m", content()), NOW)
    assert (published.version, event.version, event.behaviours) == (1, 1, ("engagement",))
    assert published.content_hash == modules.content_hash(content())
    changed = content(length_minutes=30)
    second, newer, _ = modules.publish(Module("m", changed, 1, first.published_hash), NOW)
    assert (newer.version, second.version) == (2, 2)
    assert newer.content_hash != published.content_hash


def test_the_same_content_is_not_published_twice() -> None:
    first, _, _ = modules.publish(Module("m", content()), NOW)
    with pytest.raises(DomainError, match="same as version 1"):
        modules.publish(first, NOW)


def test_every_gap_is_listed() -> None:
    draft = content(
        title=Text(sv="Titel", en=" "), items=(Item("a", "film", text("a"), text("b")),)
    )
    assert list(gaps_of(draft)) == ["/title/en", "/items/0/url"]


@pytest.mark.parametrize(
    ("draft", "pointer"),
    [
        (content(summary=Text("\u200b\u00a0", "x")), "/summary/sv"),
        (content(items=()), "/items"),
        (content(behaviours=("engagement", "engagement")), "/behaviours"),
        (content(items=(kit("a"), kit("a"))), "/items/1/item_id"),
        (content(items=(kit(minutes=11),)), "/items/0/variants/0/steps"),
        (
            content(items=(Item("a", "meeting_kit", text("a"), text("b")),)),
            "/items/0/variants",
        ),
        (
            content(items=(Item("a", "text", text("a"), text("b"), None, kit().variants),)),
            "/items/0/variants",
        ),
        (
            content(
                items=(
                    Item("a", "meeting_kit", text("a"), text("b"), None, (KitVariant("30", ()),)),
                )
            ),
            "/items/0/variants/0/steps",
        ),
        (
            content(
                items=(Item("a", "meeting_kit", text("a"), text("b"), None, kit().variants * 2),)
            ),
            "/items/0/variants/1/variant",
        ),
    ],
)
def test_gaps(draft: ModuleContent, pointer: str) -> None:
    assert list(gaps_of(draft)) == [pointer]
