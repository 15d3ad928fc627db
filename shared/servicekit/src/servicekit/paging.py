"""Lists in pages: `?limit=20&page=1`, as in the national REST API profile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list; `total` counts all pages' items."""

    items: list[T]
    page: int
    limit: int
    total: int


@dataclass(frozen=True)
class PageRequest:
    """Which page is asked for."""

    limit: Annotated[int, Query(ge=1, le=200, description="Items per page.")] = 20
    page: Annotated[int, Query(ge=1, le=1_000_000_000, description="Counts from 1.")] = 1

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.limit

    def holding(self, items: Sequence[T], total: int) -> Page[T]:
        """The page with these items, of `total` on all pages."""
        return Page(items=list(items), page=self.page, limit=self.limit, total=total)


PageQuery = Annotated[PageRequest, Depends()]
