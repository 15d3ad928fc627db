"""Differences between services that are left for a person, in memory."""

from collections.abc import Collection, Sequence

from workflow_service.application.ports import Difference, PageOf


class FakeDifferences:
    def __init__(self) -> None:
        self.rows: list[Difference] = []

    async def replace(self, found: Sequence[Difference]) -> None:
        self.rows = list(dict.fromkeys(found))

    async def page(
        self, page: PageOf, unit_ids: Collection[str] | None = None
    ) -> tuple[list[Difference], int]:
        wanted = [
            one
            for one in self.rows
            if unit_ids is None or one.unit_id is None or one.unit_id in unit_ids
        ]
        ordered = sorted(wanted, key=lambda one: (one.code, one.unit_id or "~"))
        return ordered[page.offset : page.offset + page.limit], len(wanted)
