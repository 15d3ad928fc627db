"""Users and groups as they are stored: as JSON, and in the form in which filters compare them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from scim2_models import CaseExact, Meta, Resource, default_comparison_key

from people_service.application.scim_ports import ScimResource
from people_service.domain.scim import ENTERPRISE

_KNOWN_BY_THE_STORE = {"id", "meta"}


@dataclass(frozen=True, slots=True)
class _Exactness:
    """As much of an attribute as decides how its values are compared."""

    case_exact: bool


def content_of(resource: Resource[Any]) -> dict[str, Any]:
    """What a client sent, as JSON. References are left out: they follow from the ids."""
    dumped: dict[str, Any] = resource.model_dump()
    document = {name: dumped[name] for name in dumped if name not in _KNOWN_BY_THE_STORE}
    for place in _referring(document):
        reference = place.pop("$ref", None)
        if reference and not place.get("value"):
            place["value"] = str(reference).rstrip("/").rpartition("/")[2]
    return document


def resource_of(stored: ScimResource, model: type[Resource[Any]]) -> Resource[Any]:
    """The resource as scim2-server expects it from a store."""
    content = _copy(stored.content)
    for place in _referring(content):
        if _is_uuid(place.get("value")):
            place["$ref"] = f"Users/{place['value']}"
    resource: Resource[Any] = model.model_validate(content)
    resource.id = str(stored.resource_id)
    resource.meta = Meta(
        resource_type=stored.kind,
        created=stored.created,
        last_modified=stored.last_modified,
        version=f'W/"{stored.version}"',
    )
    return resource


def comparable_of(resource: Resource[Any]) -> dict[str, Any]:
    """The values by the names of the models' fields, texts without case where case is no matter."""
    return {
        name: value
        for name, value in _folded_fields(resource).items()
        if name not in _KNOWN_BY_THE_STORE
    }


def _folded_fields(model: BaseModel) -> dict[str, Any]:
    folded = {}
    for name in type(model).model_fields:
        value = getattr(model, name)
        if value is not None and value != [] and name != "ref":
            annotation = type(model).get_field_annotation(name, CaseExact)  # type: ignore[attr-defined]
            folded[name] = _folded(value, _Exactness(annotation == CaseExact.true))
    return folded


def _folded(value: Any, exactness: _Exactness) -> Any:
    if isinstance(value, BaseModel):
        return _folded_fields(value)
    if isinstance(value, list):
        return [_folded(one, exactness) for one in value]
    return default_comparison_key(exactness, value) if isinstance(value, str) else value


def _referring(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The parts of a user or a group that refer to another user."""
    yield from document.get("members") or ()
    if manager := (document.get(ENTERPRISE) or {}).get("manager"):
        yield manager


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def _is_uuid(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
