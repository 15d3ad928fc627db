"""Bodies of the administrators' actions, derived from the command classes of the domain.

A command's fields become the body's, its docstring the description. A parameter type of its own
has one line in `_FORMATS`.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

import pydantic
from pydantic import PlainValidator, WithJsonSchema
from pydantic.fields import FieldInfo

from servicekit.request_body import RequestBody
from servicekit.text import Line, Prose
from workflow_service.domain.duration import Duration, parse_duration
from workflow_service.domain.rollout import parameters as p
from workflow_service.domain.rollout.commands import COMMANDS
from workflow_service.domain.rollout.transition import Command
from workflow_service.domain.template.template import MAX_WAVE_SIZE
from workflow_service.entrypoints.http.fields import (
    MAX_INT,
    UnitIdField,
    WaveNumberField,
)


def _duration(value: Any) -> Duration:
    duration = parse_duration(value if isinstance(value, str) else "")
    if duration.is_zero:
        raise ValueError("must be longer than zero")
    return duration


_FORMATS: Mapping[Any, Any] = {
    p.UnitId: UnitIdField,
    p.ReasonText: Annotated[
        Prose,
        pydantic.Field(max_length=2000, description="Kept in the history. Name no person."),
    ],
    p.Reference: Annotated[Line, pydantic.Field(max_length=200)],
    p.WaveNumber: WaveNumberField,
    p.WaveSize: Annotated[int, pydantic.Field(ge=1, le=MAX_WAVE_SIZE, examples=[12])],
    Duration: Annotated[
        Duration,
        PlainValidator(_duration),
        WithJsonSchema(
            {
                "type": "string",
                "maxLength": 40,
                "description": "ISO 8601, from now.",
                "examples": ["P14D"],
            }
        ),
    ],
}
"""How a parameter of this type is written in JSON; any other type is written as it is."""


class ActionBody(RequestBody):
    """What every action may carry."""

    COMMAND: ClassVar[type[Command]]

    expected_version: Annotated[
        int | None,
        pydantic.Field(
            ge=1,
            le=MAX_INT,
            description="Refuse if the rollout has another version by now.",
            examples=[4],
        ),
    ] = None

    def command(self) -> Any:
        """The command that the body asks for."""
        given = {field.name: getattr(self, field.name) for field in _parameters(self.COMMAND)}
        return self.COMMAND(**given)


def _parameters(command: type[Command]) -> list[Field[Any]]:
    """The fields that the caller gives; not those with a factory: they are the platform's own."""
    named = (field for field in fields(command) if field.name != "action")  # type: ignore[arg-type]
    return [field for field in named if field.default_factory is MISSING]


def _body_of(command: type[Command]) -> type[ActionBody]:
    hints = get_type_hints(command, include_extras=True)
    members: dict[str, Any] = {
        field.name: (_format(hints[field.name]), _info(field)) for field in _parameters(command)
    }
    body = pydantic.create_model(
        f"{command.__name__}Body", __base__=ActionBody, __doc__=command.__doc__, **members
    )
    body.COMMAND = command
    return body


def _format(hint: Any) -> Any:
    if hint in _FORMATS:
        return _FORMATS[hint]
    if get_origin(hint) in (Union, UnionType):
        return Union[tuple(_format(part) for part in get_args(hint))]  # noqa: UP007
    return hint


def _info(field: Field[Any]) -> FieldInfo:
    default = ... if field.default is MISSING else field.default
    info: FieldInfo = pydantic.Field(default, **field.metadata)
    return info


ACTION_BODIES: dict[str, type[ActionBody]] = {
    action: _body_of(command) for action, command in COMMANDS.items()
}
