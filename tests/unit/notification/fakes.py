"""The ports in memory; port_scenarios checks them and PostgreSQL alike."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from notification_service.application import ports, round_ports
from notification_service.application.sending_ports import Mail, WebhookPost
from notification_service.domain.delivery import Outcome
from notification_service.domain.events import DomainEvent
from servicekit.audit_trail import Change
from unit.notification.fake_outgoing import (
    FakeAttempts,
    FakeDeliveries,
    FakeMessages,
    FakeSubscriptions,
)
from unit.notification.fake_people import FakeErasures, FakePeople, FakeUnits
from unit.notification.fake_rounds import FakeInvitations, FakeOpenRounds, FakeReminders
from unit.notification.fake_store import Store


class FakeQuarantine:
    """Nothing is held."""

    async def held(self) -> ports.Held | None:
        return None

    async def hold(self, held: ports.Held) -> None:
        return None

    async def lift(self, sent_until: datetime | None, now: datetime) -> int:
        return 0


class FakeUnitOfWork:
    """Keeps what it is given. It has no rollback, because no test here needs one."""

    def __init__(self, store: Store) -> None:
        self.store = store
        people = FakePeople(store)
        self.recipients: ports.Recipients = people
        self.erased_persons: ports.ErasedPersons = people
        self.erasures: ports.Erasures = FakeErasures(store)
        self.units: ports.Units = FakeUnits(store)
        self.open_rounds: round_ports.OpenRounds = FakeOpenRounds(store)
        self.invitations: round_ports.Invitations = FakeInvitations(store)
        self.reminders: round_ports.Reminders = FakeReminders(store)
        self.messages: ports.Messages = FakeMessages(store)
        self.subscriptions: ports.Subscriptions = FakeSubscriptions(store)
        self.deliveries: ports.Deliveries = FakeDeliveries(store)
        self.attempts: ports.Attempts = FakeAttempts(store)
        self.quarantine: ports.Quarantine = FakeQuarantine()
        self.noted: list[Change] = []

    async def now(self) -> datetime:
        return self.store.now

    def record(self, event: DomainEvent, cause: str | None = None) -> None:
        self.store.recorded.append(event)
        self.store.causes.append(cause)

    def audit(
        self,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:
        self.noted.append(Change(action, subject, before, after, reason))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        return


class FakeChannel:
    """Returns the next outcome for each item sent; keeps the items."""

    name = "fake"

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self._outcomes = list(outcomes)
        self.sent: list[Any] = []
        self.closed = 0

    async def send(self, item: Mail | WebhookPost) -> Outcome:
        self.sent.append(item)
        outcome = self._outcomes.pop(0) if self._outcomes else Outcome("accepted")
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close_idle(self) -> None:
        self.closed += 1


class FakeTelemetry:
    def __init__(self) -> None:
        self.traces: list[str | None] = []
        self.outcomes: list[Outcome] = []
        self.results: list[tuple[str, str]] = []

    @contextmanager
    def sending(
        self, what: str, traceparent: str | None, url: str | None = None, **ids: str
    ) -> Iterator[Callable[[Outcome], None]]:
        self.traces.append(traceparent)
        yield self.outcomes.append

    def attempted(self, channel: str, result: str) -> None:
        self.results.append((channel, result))
