"""SCIM filters (RFC 7644, section 3.4.2.2) as SQL/JSON path predicates (ISO/IEC 9075-2).

Every comparison is written as `exists(...)`, which is true or false but never unknown, so that
`not` means what it says. Values are variables, apart from those in regular expressions.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from scim2_models import Extension, Resource, ScimFilter
from scim2_models.path import (
    STRING_OPERATORS,
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
    coerce_value,
)

from people_service.application.scim_ports import ScimCondition

_FALSE = "(1 == 0)"
_SIGNS = {
    CompareOperator.eq: "==",
    CompareOperator.gt: ">",
    CompareOperator.ge: ">=",
    CompareOperator.lt: "<",
    CompareOperator.le: "<=",
}
_UNINDEXED = {"id", "meta"}
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]")
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
"""A text in a filter: JSON's (RFC 7644, section 3.4.2.2)."""


def condition_of(expression: str, model: type[Resource[Any]]) -> ScimCondition:
    """The filter for resources of this model; a resource without an attribute that the filter names
    does not match."""
    scim_filter: ScimFilter[Any] = ScimFilter[model](expression)  # type: ignore[valid-type]
    translation = _Translation(scim_filter)
    path = translation.visit(scim_filter.ast)
    return ScimCondition(path, translation.values, translation.contained(scim_filter.ast))


def without_values(expression: str) -> str:
    """What the filter asks for, as `userName eq "…"`: the audit trail names nobody."""
    return _TEXT.sub('"…"', expression)


class _Translation(FilterVisitor[str]):
    """`within` is the attribute whose values are selected, inside the brackets of a filter."""

    def __init__(
        self,
        scim_filter: ScimFilter[Any],
        values: dict[str, Any] | None = None,
        within: AttrPath | None = None,
    ) -> None:
        self._filter = scim_filter
        self._within = within
        self.values: dict[str, Any] = {} if values is None else values

    def visit_logical_expr(self, node: LogicalExpr) -> str:
        sign = " && " if node.op == LogicalOperator.and_ else " || "
        return f"({sign.join(self.visit(term) for term in node.terms)})"

    def visit_not(self, node: Not) -> str:
        return f"!({self.visit(node.expr)})"

    def visit_present(self, node: Present) -> str:
        found = self._filter.resolve(self._whole(node.attr_path), strict=False)
        if found is None:
            return _FALSE
        return f'exists({self._place(found)} ? ((@ == "") is unknown || @ != ""))'

    def visit_value_path(self, node: ValuePath) -> str:
        found = self._filter.resolve(node.attr_path, strict=False)
        if found is None:
            return _FALSE
        inner = _Translation(self._filter, self.values, node.attr_path)
        return f"exists({self._place(found)}[*] ? ({inner.visit(node.val_filter)}))"

    def visit_comparison(self, node: Comparison) -> str:
        found = self._filter.resolve_comparison(self._whole(node.attr_path), strict=False)
        if found is None:
            return _FALSE
        place, value = self._place(found), _operand(found, node)
        if value is None:
            if node.op not in (CompareOperator.eq, CompareOperator.ne):
                return _FALSE
            return f"{'!' if node.op == CompareOperator.eq else ''}exists({place})"
        if node.op in STRING_OPERATORS:
            return f"exists({place} ? ({_like(node.op, value)}))"
        variable = f"v{len(self.values)}"
        self.values[variable] = value
        if node.op == CompareOperator.ne:
            return f"!exists({place} ? (@ == ${variable}))"
        return f"exists({place} ? (@ {_SIGNS[node.op]} ${variable}))"

    def contained(self, node: FilterNode) -> dict[str, Any]:
        """What a resource must contain because of the first `eq` that has to hold."""
        if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_:
            return next(filter(None, map(self.contained, node.terms)), {})
        if not isinstance(node, Comparison) or node.op != CompareOperator.eq:
            return {}
        found = self._filter.resolve_comparison(node.attr_path, strict=False)
        if found is None or found.field_name in _UNINDEXED:
            return {}
        value = _operand(found, node)
        if value is None:
            return {}
        inner = {found.sub_field_name: value} if found.sub_field_name else value
        held = {found.field_name: [inner] if found.is_multivalued else inner}
        return {found.model.__name__: held} if issubclass(found.model, Extension) else held

    def _whole(self, path: AttrPath) -> AttrPath:
        if self._within is None:
            return path
        return AttrPath(self._within.attr, path.attr, self._within.uri)

    def _place(self, found: AttributeBinding) -> str:
        if self._within is not None:
            return f'@."{found.sub_field_name}"'
        names = [found.field_name, *filter(None, [found.sub_field_name])]
        if issubclass(found.model, Extension):
            names.insert(0, found.model.__name__)
        return "$." + ".".join(f'"{name}"' for name in names)


def _operand(found: AttributeBinding, node: Comparison) -> Any:
    """What the stored values are compared with; a moment as the store writes it."""
    value = coerce_value(found, node.value, node.op)
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return found.comparable(value)


def _like(operator: CompareOperator, value: Any) -> str:
    if not isinstance(value, str):
        return _FALSE
    if operator == CompareOperator.co:
        return f'@ like_regex {json.dumps(value)} flag "q"'
    escaped = _NOT_ALPHANUMERIC.sub(lambda found: _escape(found[0]), value)
    anchored = f"^{escaped}" if operator == CompareOperator.sw else f"{escaped}$"
    return f"@ like_regex {json.dumps(anchored)}"


def _escape(character: str) -> str:
    return f"\\{character}" if character.isascii() else character
