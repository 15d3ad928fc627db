"""What somebody typed in a form with rows."""

from collections.abc import Mapping

from fastapi import Request

_MOST_FIELDS = 20_000
_ROW_CHANGES = ("add", "remove", "up")


async def typed_of(request: Request) -> dict[str, str]:
    """The form's texts by name."""
    return dict(await fields_of(request))


async def fields_of(request: Request) -> list[tuple[str, str]]:
    """Name and text of each field; files are left out."""
    async with request.form(max_files=1, max_fields=_MOST_FIELDS) as form:
        return [(name, text) for name, text in form.multi_items() if isinstance(text, str)]


def row_change(typed: Mapping[str, str]) -> tuple[str, str] | None:
    """How the form's rows change and where, if one of the buttons for that was pressed."""
    return next(((how, typed[how]) for how in _ROW_CHANGES if how in typed), None)
