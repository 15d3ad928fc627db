"""Every domain event of a service, and a sample of each, built from its fields' types."""

import pkgutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from assessment_service.domain import events as assessment
from content_service.domain import events as content
from notification_service.domain import events as notification
from people_service.domain import events as people
from workflow_service.domain.journey.journey import JourneyEvent
from workflow_service.domain.organisation.unit import UnitEvent
from workflow_service.domain.rollout.rollout import RolloutCreated
from workflow_service.domain.rollout.transition import RolloutEvent

_EVENTS: dict[str, tuple[Any, ...]] = {
    "assessment": (assessment.DomainEvent,),
    "content": (content.DomainEvent,),
    "notification": (notification.DomainEvent,),
    "people": (people.DomainEvent,),
    "workflow": (RolloutCreated, RolloutEvent, JourneyEvent, UnitEvent),
}
_NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
_VALUES: dict[Any, Any] = {
    str: "sample",
    int: 5,  # Published indexes are in steps of 5.
    float: 1.0,
    bool: True,
    UUID: UUID(int=1),
    date: _NOW.date(),
    datetime: _NOW,
    timedelta: timedelta(days=1),
}


def domain_events(service: str) -> list[type]:
    """The classes of all domain events of a service."""
    domain = import_module(f"{service}_service.domain")
    found: list[type] = []
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        found += [m for m in vars(import_module(module.name)).values() if isinstance(m, type)]
    declared = _EVENTS[service]
    return [
        each for each in dict.fromkeys(found) if is_dataclass(each) and issubclass(each, declared)
    ]


def sample(hint: Any) -> Any:
    """A value of this type. Nothing in it is empty or None, so that every branch has its data."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _VALUES:
        return _VALUES[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        return hint(**{each.name: sample(hints[each.name]) for each in fields(hint) if each.init})
    if origin is Literal:
        return arguments[0]
    if origin in (Union, UnionType):
        return sample(next(each for each in arguments if each is not type(None)))
    if origin is tuple:
        return tuple(sample(each) for each in arguments if each is not Ellipsis)
    if origin is frozenset:
        return frozenset([sample(arguments[0])])
    if origin is Mapping:
        key, value = arguments
        keys = get_args(key) if get_origin(key) is Literal else [sample(key)]
        return {each: sample(value) for each in keys}
    raise TypeError(f"no sample for the type {hint}")
