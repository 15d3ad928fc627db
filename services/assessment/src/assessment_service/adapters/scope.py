"""Which rows a caller's roles cover, in SQL."""

from sqlalchemy import ARRAY, TEXT, ColumnElement, Table, literal, or_

from assessment_service.application.ports import UnitScope


def within(scope: UnitScope, rows: Table) -> ColumnElement[bool]:
    """Whether the scope covers a row's unit. The table has `unit_id` and `unit_path`."""
    in_a_tree = rows.c.unit_path.overlap(literal(sorted(scope.trees), ARRAY(TEXT)))
    return or_(rows.c.unit_id.in_(scope.units), in_a_tree)
