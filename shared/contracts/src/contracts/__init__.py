"""What the services say to each other: event types, topics, schemas. Depends on pydantic only."""

from contracts.envelope import Event, EventClass, EventDecodingError, Message

__all__ = ["Event", "EventClass", "EventDecodingError", "Message"]
