"""The envelope every event travels in: CloudEvents 1.0 in Kafka binary content mode.

The payload is the event's JSON; everything about the event is in the record's headers
(CloudEvents Kafka protocol binding 1.0.2, section 3.2).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

SCHEMA_BASE = "https://um-platform.example.se/schemas"
TIME_HEADER = "ce_time"


class EventDecodingError(ValueError):
    """The record cannot be read as the event it claims to be."""


class Event(BaseModel):
    """A fact that happened, named in the past tense.

    A subclass states its type, topic and the fields that make its key:
    `class RoundOpened(Event, type="assessment.round.opened.v1", key="round_id")`.
    A type that is not published any more stays for those who read old records, and states as
    `retired` what takes its place.
    The topic follows from the type's first two words. Events with the same key keep their order.
    Unknown fields are ignored, so that a newer producer does not break an older consumer.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    KEY_FIELDS: ClassVar[tuple[str, ...]]
    RETIRED: ClassVar[str]

    def __init_subclass__(
        cls, *, type: str = "", key: str = "", retired: str = "", **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if type:
            cls.TYPE = type
            cls.TOPIC = ".".join(type.split(".")[:2])
            cls.KEY_FIELDS = tuple(key.split("+"))
            cls.RETIRED = retired

    @property
    def key(self) -> str:
        """The Kafka record key and CloudEvents subject: the aggregate's id."""
        return ":".join(str(getattr(self, name)) for name in self.KEY_FIELDS)

    @classmethod
    def schema_url(cls) -> str:
        return f"{SCHEMA_BASE}/{cls.TYPE}.json"


EventClass = type[Event]


def undated_headers(
    id: UUID, type: str, source: str, subject: str, traceparent: str | None
) -> dict[str, str]:
    """Record headers in CloudEvents binary mode, with W3C trace context if there is any.

    All but the time: whoever records an event sets it.
    """
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(id),
        "ce_type": type,
        "ce_source": source,
        "ce_subject": subject,
        "ce_partitionkey": subject,
        "ce_dataschema": f"{SCHEMA_BASE}/{type}.json",
        "content-type": "application/json",
    }
    if traceparent:
        headers["traceparent"] = traceparent
    return headers


@dataclass(frozen=True)
class Message:
    """One event on the wire, before its payload is understood."""

    id: UUID
    type: str
    source: str
    time: datetime
    subject: str
    data: bytes
    traceparent: str | None = None

    def headers(self) -> dict[str, str]:
        """All record headers."""
        undated = undated_headers(self.id, self.type, self.source, self.subject, self.traceparent)
        return {**undated, TIME_HEADER: self.time.isoformat()}

    @classmethod
    def from_record(
        cls, headers: Iterable[tuple[str, bytes | None]], value: bytes | None
    ) -> "Message":
        """Read a Kafka record.

        Raises EventDecodingError naming the header that is missing or unreadable.
        """
        raw = {name: text for name, text in headers if text is not None}

        def text_of(name: str) -> str:
            if name not in raw:
                raise EventDecodingError(f"header {name} is missing")
            try:
                return raw[name].decode()
            except UnicodeDecodeError as error:
                raise EventDecodingError(f"header {name} is not UTF-8") from error

        if text_of("ce_specversion") != "1.0":
            raise EventDecodingError("header ce_specversion is not 1.0")
        try:
            id_, time = UUID(text_of("ce_id")), datetime.fromisoformat(text_of(TIME_HEADER))
        except ValueError as error:
            raise EventDecodingError(f"header ce_id or ce_time is malformed: {error}") from error
        return cls(
            id=id_,
            type=text_of("ce_type"),
            source=text_of("ce_source"),
            time=time,
            subject=text_of("ce_subject"),
            data=value or b"",
            traceparent=text_of("traceparent") if "traceparent" in raw else None,
        )

    def decode(self, known: Mapping[str, EventClass]) -> Event:
        """The event in the payload. `known` maps type names to classes.

        Raises KeyError for an unknown type, EventDecodingError for a payload against its schema.
        """
        event_class = known[self.type]
        try:
            return event_class.model_validate_json(self.data)
        except ValidationError as error:
            places = sorted({".".join(map(str, e["loc"])) or "payload" for e in error.errors()})
            raise EventDecodingError(f"{self.type}: invalid at {', '.join(places)}") from error
