"""Template versions, and what other services have published, in memory."""

from collections.abc import Sequence
from typing import Literal

from workflow_service.application.ports import PageOf, Reference, StoredTemplate


class FakeTemplates:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, int], StoredTemplate] = {}

    async def get(self, template_id: str, version: int | None = None) -> StoredTemplate | None:
        versions = [number for known, number in self.rows if known == template_id]
        return self.rows.get((template_id, version or max(versions, default=0)))

    async def page(self, page: PageOf) -> tuple[list[StoredTemplate], int]:
        ordered = [self.rows[key] for key in sorted(self.rows)]
        return ordered[page.offset : page.offset + page.limit], len(ordered)

    async def add(self, stored: StoredTemplate) -> bool:
        key = (stored.template.template_id, stored.template.version)
        if key in self.rows:
            return False
        self.rows[key] = stored
        return True


class FakeReferences:
    def __init__(self) -> None:
        self.known: set[tuple[str, str, int | None]] = set()

    async def add(self, kind: Literal["instrument", "module"], id_: str, version: int) -> None:
        self.known |= {(kind, id_, version), (kind, id_, None)}

    async def unknown(self, references: Sequence[Reference]) -> list[Reference]:
        return [r for r in references if (r.kind, r.id, r.version) not in self.known]

    async def all(self) -> frozenset[Reference]:
        return frozenset(Reference(*one) for one in self.known if one[2] is not None)  # type: ignore[arg-type]
