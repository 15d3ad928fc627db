"""The base class of the bodies that clients send."""

from collections.abc import Callable
from datetime import date
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

_JSON_TYPES = {
    "int": (int, float),
    "float": (int, float),
    "bool": (bool,),
    "date": (str, date),
    "datetime": (str, date),
}


def _strict(schema: Any) -> Any:
    match schema:
        case {"type": "int", "strict": True}:
            return schema
        case {"type": "int" | "float" | "bool" | "date" | "datetime" as kind}:
            return core_schema.no_info_before_validator_function(_only(kind), schema)
        case dict():
            return {
                name: part if name in ("metadata", "default") else _strict(part)
                for name, part in schema.items()
            }
        case list():
            return [_strict(part) for part in schema]
        case tuple():
            return tuple(_strict(part) for part in schema)
        case _:
            return schema


def _only(kind: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if isinstance(value, bool) != (kind == "bool") or not isinstance(value, _JSON_TYPES[kind]):
            raise PydanticKnownError(f"{kind}_type")  # type: ignore[arg-type]
        return value

    return check


class RequestBody(BaseModel):
    """An unknown field is refused, and so is a value of another JSON type than the schema says.

    Pydantic alone takes "7" for a number, and a number for a date.
    """

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast(CoreSchema, _strict(handler(source)))
