"""How a file of another system is read as ours: its headings, its values, its spelling of ids.

A service describes its own file by a `FileForm`; an `ImportMapping` says where another system's
file differs from it. Texts of the file are compared by the one rule for texts, upper and lower
case alike.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from servicekit.csv_table import read_table
from servicekit.excel_table import read_workbook
from servicekit.fault_text import FaultText
from servicekit.file_table import Fault, Row, Table, folded, null_word_faults
from servicekit.text import Line, clean, is_null_word
from servicekit.workbook_file import MEDIA_TYPE, is_workbook

_SHOWN = 80  # characters of a value of the file

Heading = Annotated[Line, Field(max_length=200)]
Value = Annotated[str, Field(max_length=200), AfterValidator(clean)]


@dataclass(frozen=True)
class FileForm:
    """A service's own file.

    `ids` are the columns that hold ids, together those that hold ids of the same things; `choices`
    are the values of a column that takes no others; `shapes` are what the values of a column match
    as a whole, with the same in words; in `no_null_words` a word for "no value", such as NULL, is a
    fault. A file may do without the columns in `defaults`, which have their values.
    """

    columns: Sequence[str]
    ids: Sequence[Sequence[str]]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shapes: Mapping[str, tuple[re.Pattern[str], str]] = field(default_factory=dict)
    no_null_words: Sequence[str] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)


class ImportMapping(BaseModel):
    """Where another system's file differs from ours. Whatever is not named is as in our own."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[str, Heading] = Field(
        default={}, description="Our column: the heading that the file has for it."
    )
    values: dict[str, dict[str, Value]] = Field(
        default={},
        description="Our column: {a value of the file: our value}. Upper and lower case are alike;"
        " an empty text is an empty cell. Values that are not named stay as they are.",
    )
    ids: Literal["as_they_are", "lower_case"] = Field(
        default="as_they_are",
        description="How the file's codes become ids: `lower_case` makes"
        " `se2321000131-e000000008388` of `SE2321000131-E000000008388`. What `values` gives stays.",
    )
    defaults: dict[str, Value] = Field(
        default={},
        description="Our column: its value in every row of a file that does not have the column.",
    )


class Wrong(NamedTuple):
    """Something wrong in a mapping: where in the document, and what."""

    location: tuple[str, ...]
    detail: str


def wrong_in(mapping: ImportMapping, form: FileForm) -> Iterator[Wrong]:
    """Everything in the mapping that does not fit the form."""
    for part in ("columns", "values", "defaults"):
        for column in getattr(mapping, part):
            if column not in form.columns:
                known = ", ".join(form.columns)
                yield Wrong((part, column), f"There is no column {column!r}. There are: {known}.")
    yield from _wrong_headings(mapping, form)
    for column, values in mapping.values.items():
        yield from _wrong_values(column, values, form)
    for column, value in _defaults(mapping, form).items():
        if detail := _unusable(column, value, form):
            yield Wrong(("defaults", column), detail)


def _defaults(mapping: ImportMapping, form: FileForm) -> dict[str, str]:
    """The mapping's defaults as they come into the rows: ids in the spelling of the file's."""
    given = {**form.defaults, **mapping.defaults}
    if mapping.ids == "as_they_are":
        return given
    ids = {column for group in form.ids for column in group}
    return {c: v.lower() if c in ids else v for c, v in given.items()}


def _wrong_headings(mapping: ImportMapping, form: FileForm) -> Iterator[Wrong]:
    columns: dict[str, str] = {}
    # First those that keep their own heading: the fault is then where the mapping names it again.
    for column in sorted(form.columns, key=lambda each: each in mapping.columns):
        heading = mapping.columns.get(column, column)
        if column in mapping.columns and is_null_word(heading):
            detail = f"{heading!r} means that there is no value; give the heading as in the file."
            yield Wrong(("columns", column), detail)
        other = columns.setdefault(folded(heading), column)
        if other != column:
            detail = f"The heading {heading!r} is already read as {other}. Name another."
            yield Wrong(("columns", column), detail)


def _wrong_values(column: str, values: Mapping[str, str], form: FileForm) -> Iterator[Wrong]:
    spellings: dict[str, str] = {}
    for theirs, ours in values.items():
        first = spellings.setdefault(folded(theirs), theirs)
        if first != theirs:
            detail = f"{theirs!r} is the same value as {first!r}. Name it once."
            yield Wrong(("values", column, theirs), detail)
        try:
            clean(theirs)
        except ValueError as error:
            yield Wrong(("values", column, theirs), f"No value of a file is like this: {error}.")
        if detail := _unusable(column, ours, form):
            yield Wrong(("values", column, theirs), detail)


def _unusable(column: str, value: str, form: FileForm) -> str:
    """Why this cannot be our value in the column; empty if it can."""
    choices = form.choices.get(column)
    if choices and value not in choices:
        return f"{value!r} is not one of: {', '.join(choices)}."
    if is_null_word(value) and any(column in group for group in form.ids):
        return f"{value!r} means that there is no value; give the id, or an empty text for none."
    if column in form.shapes:
        shape, in_words = form.shapes[column]
        if not shape.fullmatch(value):
            return f"{value!r} does not fit: {in_words}."
    return ""


def read_mapped(
    content: bytes,
    form: FileForm,
    mapping: ImportMapping,
    content_type: str = "text/csv",
    sheet: str | None = None,
) -> Table:
    """The file's rows as ours, and every fault of its form, by line and our column.

    `content_type` is that of a CSV file or of an Excel workbook, of which `sheet` names a sheet.

    A full file takes some seconds: in a service, call it in a thread.
    """
    table = _read(content, form, mapping, content_type, sheet)
    translation = _Translation(form, mapping)
    rows = [translation.of(row) for row in table.rows]
    faults = [*table.faults, *translation.faults, *null_word_faults(rows, form.no_null_words)]
    return table._replace(rows=rows, faults=faults)


def _read(
    content: bytes, form: FileForm, mapping: ImportMapping, content_type: str, sheet: str | None
) -> Table:
    optional = {**form.defaults, **mapping.defaults}
    sent_as_workbook = content_type.partition(";")[0].strip().lower() == MEDIA_TYPE
    if sent_as_workbook:
        ids = {column for group in form.ids for column in group}
        return read_workbook(content, form.columns, sheet, ids, mapping.columns, optional)
    if is_workbook(content):
        text = "This is an Excel workbook, sent as a CSV file: send it as {media_type}."
        detail = FaultText("workbook-as-csv", text, media_type=MEDIA_TYPE)
        return Table([], [Fault(1, "", detail)], [], {})
    if sheet is not None:
        text = "A CSV file has no sheets: leave out the sheet {sheet!r}."
        detail = FaultText("csv-without-sheets", text, sheet=sheet[:_SHOWN])
        return Table([], [Fault(1, "", detail)], [], {})
    return read_table(
        content, form.columns, content_type, headings=mapping.columns, optional=optional
    )


class _Translation:
    """Makes our rows of the file's, and collects ids that become the same without being it."""

    def __init__(self, form: FileForm, mapping: ImportMapping) -> None:
        self.faults: list[Fault] = []
        self._defaults = _defaults(mapping, form)
        self._known = {
            column: {folded(theirs): ours for theirs, ours in values.items()}
            for column, values in mapping.values.items()
        }
        lower = form.ids if mapping.ids == "lower_case" else ()
        self._group = {column: number for number, group in enumerate(lower) for column in group}
        changed = self._known.keys() | self._group.keys()
        self._columns = [column for column in form.columns if column in changed]
        self._first: dict[tuple[int, str], tuple[str, int]] = {}
        self._reported: set[tuple[int, str]] = set()

    def of(self, row: Row) -> Row:
        values = {**self._defaults, **row.values}
        for column in self._columns:
            if column in row.values:
                values[column] = self._value(row.line, column, row.values[column])
        return row._replace(values=values)

    def _value(self, line: int, column: str, text: str) -> str:
        given = self._known.get(column, {}).get(text.casefold())
        if given is not None:
            return given
        return self._id(line, column, text) if column in self._group else text

    def _id(self, line: int, column: str, text: str) -> str:
        group, lower = self._group[column], text.lower()
        first, at = self._first.setdefault((group, lower), (text, line))
        if first != text and (group, text) not in self._reported:
            self._reported.add((group, text))
            detail = FaultText(
                "ids-become-same",
                "{id!r} and {other!r} on line {line} become the same id. Write it the same way"
                " everywhere, or give the id of each in the mapping's values.",
                id=text[:_SHOWN],
                other=first[:_SHOWN],
                line=at,
            )
            self.faults.append(Fault(line, column, detail))
        return lower
