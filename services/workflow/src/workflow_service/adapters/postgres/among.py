"""Conditions about many ids: as one parameter, however many they are."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, String, any_, literal


def among(column: ColumnElement[Any], ids: Collection[str]) -> ColumnElement[bool]:
    """Whether the column has one of these. With `in_`, each id is rendered and bound by itself."""
    return column == any_(literal(list(ids), ARRAY(String)))
