"""docs/generated/settings.md: every environment variable of every service."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

SERVICES = ("assessment", "content", "notification", "people", "workflow")


def _nested(annotation: Any) -> type[BaseModel] | None:
    """The block of settings that a field holds. A list of blocks is one variable, in JSON."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is list:
        return None
    return next((found for arg in get_args(annotation) if (found := _nested(arg))), None)


def variables(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo, bool]]:
    """(environment variable, field, whether it must be set) of a settings class, depth first."""
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name.upper()}"
        if block := _nested(field.annotation):
            for inner, inner_field, required in variables(block, f"{variable}__"):
                yield inner, inner_field, required and field.is_required()
        else:
            yield variable, field, field.is_required()


def settings_class(service: str) -> type[BaseModel]:
    found: type[BaseModel] = import_module(f"{service}_service.settings").Settings
    return found


def _type(annotation: Any) -> str:
    if get_origin(annotation) is Annotated:
        return _type(get_args(annotation)[0])
    if get_origin(annotation) in (tuple, list):
        return f"list of {_type(get_args(annotation)[0])}"
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_type(part) for part in get_args(annotation))
    if annotation is NoneType:
        return "None"
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    for noise in ("typing.", "pydantic.types."):
        text = text.replace(noise, "")
    return text.replace("|", "or")


def _row(variable: str, field: FieldInfo, required: bool) -> str:
    default = "**required**" if required else f"`{field.get_default(call_default_factory=True)}`"
    kind = _type(field.annotation)
    return f"| `{variable}` | {kind} | {default} | {field.description or ''} |"


def files(root: Path) -> dict[Path, str]:
    lines = [
        "# Settings",
        "",
        "Generated from the services' settings classes. Secrets have no default.",
    ]
    for service in (*SERVICES, "portal"):
        lines += [
            "",
            f"## {service}",
            "",
            "| variable | type | default | meaning |",
            "|---|---|---|---|",
        ]
        found = variables(settings_class(service), f"{service.upper()}_")
        lines += [_row(*entry) for entry in found]
    return {Path("docs/generated/settings.md"): "\n".join(lines)}
