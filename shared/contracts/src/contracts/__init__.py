"""The events that services exchange: types, topics, schemas. Depends on pydantic only."""

from contracts.envelope import Event, EventClass, EventDecodingError, Message

__all__ = ["Event", "EventClass", "EventDecodingError", "Message"]
