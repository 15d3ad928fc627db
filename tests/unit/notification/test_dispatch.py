"""The sending loop and its lanes: nothing lost, nothing marked after its lease has ended."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from notification_service.application.commands import EndInvitations
from notification_service.application.dispatch import Attempted, Dispatcher
from notification_service.application.mail_lane import MailLane, MailRules, variables_of
from notification_service.application.rounds import end_invitations
from notification_service.application.sending_ports import ClaimedMessage, Content
from notification_service.application.webhook_lane import PostRules, WebhookLane
from notification_service.domain.contact import LANGUAGES
from notification_service.domain.delivery import Outcome
from notification_service.domain.events import MessageFailed, MessageSent, SubscriptionDisabled
from notification_service.domain.message import address_to
from notification_service.domain.secret import SecretVersion
from notification_service.domain.wording import forbidden_words
from servicekit import telemetry
from unit.notification.builders import KEYRING, NOW, TRACEPARENT, delivery, person, subscription
from unit.notification.fake_people import FakePeople
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeChannel, FakeTelemetry, FakeUnitOfWork

FACTS = {"round_id": "r", "unit_id": "rehab", "closes_at": "2026-07-01T10:00:00+00:00"}


class FakeTemplates:
    def render(self, template: str, language: str, variables: Mapping[str, str]) -> Content:
        return Content(template, " ".join(sorted(variables.values())), language)


MAIL_RULES = MailRules(
    portal_url="https://um.example.se/",
    contact="fragor@example.se",
    time_zone=ZoneInfo("Europe/Stockholm"),
    retry_seconds=(5, 60),
    deadline=timedelta(seconds=20),
    lease=timedelta(seconds=30),
    parallel=2,
)
POST_RULES = PostRules(
    keyring=KEYRING,
    retry_seconds=(5, 60),
    deadline=timedelta(seconds=20),
    lease=timedelta(seconds=30),
    per_subscription=2,
)


@pytest.fixture
def store() -> Store:
    return Store(people={p.person_id: p for p in map(person, range(1, 4))})


def mail_lane(store: Store, channel: FakeChannel, people: FakePeople | None = None) -> MailLane:
    return MailLane(
        lambda: FakeUnitOfWork(store),
        people or FakePeople(store),
        channel,
        FakeTemplates(),
        FakeTelemetry(),
        MAIL_RULES,
    )


def post_lane(store: Store, channel: FakeChannel) -> WebhookLane:
    return WebhookLane(lambda: FakeUnitOfWork(store), channel, FakeTelemetry(), POST_RULES)


async def invite(store: Store, *people: str) -> None:
    messages = address_to("round_opened", ["r"], people, FACTS)
    with telemetry.span("an event", traceparent=TRACEPARENT):
        await FakeUnitOfWork(store).messages.add(messages, NOW)


async def run_until(dispatcher: Dispatcher[Any], done: Callable[[], bool]) -> None:
    """Run the loop until `done`, within a second."""
    stop = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stop))
    async with asyncio.timeout(1):
        while not done():  # noqa: ASYNC110 - a yield, not a wait
            await asyncio.sleep(0)
    stop.set()
    await running


async def test_all_messages_go_out_once(store: Store) -> None:
    await invite(store, "p-0001", "p-0002", "p-0003")
    channel = FakeChannel()
    lane = mail_lane(store, channel)
    await run_until(Dispatcher(lane, 4, 0.01), lambda: len(store.attempts) == 3)
    assert sorted(mail.to_address for mail in channel.sent) == [
        f"person000{n}@example.se" for n in (1, 2, 3)
    ]
    assert {m.status for m in store.messages.values()} == {"sent"}
    assert {type(event) for event in store.recorded} == {MessageSent}
    assert store.causes == [TRACEPARENT] * 3


async def test_connections_stay_open_from_one_mail_to_the_next(store: Store) -> None:
    channel = FakeChannel()
    dispatcher = Dispatcher(mail_lane(store, channel), 4, 0.2)
    stop = asyncio.Event()
    running = asyncio.create_task(dispatcher.run(stop))
    async with asyncio.timeout(2):
        for number in (1, 2, 3):
            await invite(store, f"p-000{number}")
            dispatcher.wake()
            while len(store.attempts) < number:  # noqa: ASYNC110 - a yield, not a wait
                await asyncio.sleep(0)
        assert channel.closed == 0
        while not channel.closed:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
    stop.set()
    await running


async def one_round(lane: Any) -> None:
    done = [await lane.deliver(item, monotonic()) for item in await lane.claim(10)]
    await lane.settle(done)


async def test_a_failed_mail_is_tried_again_and_then_given_up(store: Store) -> None:
    await invite(store, "p-0001")
    channel = FakeChannel(*[Outcome("retry", "server-unavailable")] * 3)
    lane = mail_lane(store, channel)
    (message,) = store.messages.values()
    for waited, status in [(0, "pending"), (6, "pending"), (72, "failed")]:
        store.now += timedelta(seconds=waited)
        await one_round(lane)
        assert store.messages[message.message_id].status == status
    assert [a.number for a in store.attempts] == [1, 2, 3]
    assert len({mail.message_id for mail in channel.sent}) == 1
    expected = MessageFailed(message.reference, "round_opened", "fake", "retries-exhausted")
    assert store.recorded == [expected]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Outcome("refused", "recipient-refused", 550), "recipient-refused"),
        (RuntimeError("person0001@example.se"), None),
    ],
)
async def test_refusals_end_it_and_bugs_do_not(
    store: Store,
    answer: Outcome | Exception,
    reason: str | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await invite(store, "p-0001")
    await one_round(mail_lane(store, FakeChannel(answer)))
    (message,) = store.messages.values()
    assert message.status == ("failed" if reason else "pending")
    assert message.reason == (reason or "internal-error")
    assert "person0001" not in caplog.text


async def test_a_forgotten_recipient_gets_nothing(store: Store) -> None:
    await invite(store, "p-0001")
    del store.people["p-0001"]
    channel = FakeChannel()
    await one_round(mail_lane(store, channel))
    assert channel.sent == []
    assert [m.reason for m in store.messages.values()] == ["recipient-gone"]


async def test_somebody_without_an_address_gets_no_mail(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await invite(store, "p-0001")
    one = store.people["p-0001"]
    store.people["p-0001"] = replace(one, contact=replace(one.contact, email=""))
    channel = FakeChannel()
    await one_round(mail_lane(store, channel))
    assert channel.sent == []
    assert [(m.status, m.reason) for m in store.messages.values()] == [("failed", "no-address")]
    assert caplog.text == ""


async def test_an_invitation_to_a_round_that_closed_is_not_sent(store: Store) -> None:
    round_id = uuid4()
    facts = {**FACTS, "round_id": str(round_id)}
    uow = FakeUnitOfWork(store)
    with telemetry.span("an event", traceparent=TRACEPARENT):
        await uow.messages.add(address_to("round_opened", ["r"], ["p-0001"], facts), NOW)
    await end_invitations(EndInvitations(round_id), uow)
    channel = FakeChannel()
    await one_round(mail_lane(store, channel))
    assert channel.sent == []
    assert [(m.status, m.reason) for m in store.messages.values()] == [("failed", "round-closed")]
    assert [type(event) for event in store.recorded] == [MessageFailed]


async def test_messages_wait_while_nobody_knows_the_addresses(store: Store) -> None:
    await invite(store, "p-0001", "p-0002")
    channel, people = FakeChannel(), FakePeople(store)
    people.down = True
    lane = mail_lane(store, channel, people)
    await one_round(lane)
    assert channel.sent == store.attempts == []
    assert {(m.status, m.step) for m in store.messages.values()} == {("pending", 0)}
    people.down = False
    store.now += MAIL_RULES.lease
    await one_round(lane)
    assert {m.status for m in store.messages.values()} == {"sent"}


async def test_a_late_sender_neither_sends_nor_marks(store: Store) -> None:
    await invite(store, "p-0001")
    channel = FakeChannel()
    stalled, other = mail_lane(store, channel), mail_lane(store, channel)
    (claim,) = await stalled.claim(10)
    sent = await stalled.deliver(claim, monotonic())
    assert (await stalled.deliver(claim, monotonic() - 15)).attempt is None
    store.now += timedelta(seconds=30)
    (taken_over,) = await other.claim(10)
    await stalled.settle([sent])
    assert store.recorded == []
    await other.settle([await other.deliver(taken_over, monotonic())])
    assert len(store.recorded) == 1
    assert [a.number for a in store.attempts] == [2]


class FlakyLane(MailLane):
    """Loses its database once, just when a mail has been sent."""

    failures = 1

    async def settle(self, done: Sequence[Attempted[ClaimedMessage]]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError
        await super().settle(done)


async def test_a_database_that_is_away_is_waited_for(store: Store) -> None:
    await invite(store, "p-0001")
    channel = FakeChannel()
    uow = FakeUnitOfWork(store)
    people = FakePeople(store)
    lane = FlakyLane(lambda: uow, people, channel, FakeTemplates(), FakeTelemetry(), MAIL_RULES)
    await run_until(Dispatcher(lane, 4, 0.01), lambda: len(store.recorded) == 1)
    assert len(channel.sent) == 1


def test_times_are_shown_in_the_regions_time_zone() -> None:
    (message,) = address_to("round_opened", ["r"], ["p-1"], FACTS)
    values = variables_of(message, person(1).contact, {}, MAIL_RULES)
    assert values == {
        "contact": "fragor@example.se",
        "name": "Exempelperson 0001",
        "unit_name": "rehab",
        "closes_at": "2026-07-01 12:00",
        "link": "https://um.example.se/rounds/r",
        "together": "",
    }


def test_an_invitation_names_the_units_that_answers_are_reported_with() -> None:
    facts = {**FACTS, "others": "icu,lab"}
    (message,) = address_to("round_opened", ["r"], ["p-1"], facts)
    names = {"rehab": "Rehab", "icu": "Intensive care"}
    said = variables_of(message, person(1, language="en").contact, names, MAIL_RULES)["together"]
    assert said.endswith("together with those of Intensive care and lab.")
    assert forbidden_words(said) == []
    svenska = variables_of(message, person(1).contact, names, MAIL_RULES)["together"]
    assert svenska.endswith("från Intensive care och lab.")


@pytest.mark.parametrize("code", ["unit-without-people", "never-heard-of"])
def test_a_stuck_journey_is_explained_in_the_recipients_language(code: str) -> None:
    facts = {"unit_id": "rehab", "code": code}
    (message,) = address_to("journey_stuck", ["e"], ["p-1"], facts)
    said = [
        variables_of(message, person(1, language=language).contact, {"rehab": "Rehab"}, MAIL_RULES)
        for language in LANGUAGES
    ]
    assert [values["code"] for values in said] == [code, code]
    assert len({values["cause"] for values in said}) == 2
    assert all(forbidden_words(values["cause"]) == [] for values in said)


def test_the_last_day_of_a_delegation_is_said_as_it_is():
    facts = {"delegation_id": str(uuid4()), "ends_on": "2026-03-09"}
    (message,) = address_to("delegation_ends", ["d"], ["p-1"], facts)
    values = variables_of(message, person(1).contact, {}, MAIL_RULES)
    assert values["ends_on"] == "2026-03-09"
    assert values["link"].endswith(f"/deputies#{facts['delegation_id']}")


async def test_a_webhook_is_signed_with_every_valid_secret(store: Store) -> None:
    one = subscription().rotated(KEYRING.current_id, NOW, timedelta(hours=1))
    store.subscriptions[one.subscription_id] = one
    await FakeUnitOfWork(store).deliveries.add([delivery(one.subscription_id)])
    channel = FakeChannel()
    await one_round(post_lane(store, channel))
    assert len(channel.sent[0].secrets) == 2
    assert store.subscriptions[one.subscription_id].last_success_at == NOW


async def test_gone_stops_all_further_attempts(store: Store) -> None:
    one = subscription()
    store.subscriptions[one.subscription_id] = one
    waiting = [delivery(one.subscription_id) for _ in range(5)]
    await FakeUnitOfWork(store).deliveries.add(waiting)
    channel = FakeChannel(Outcome("refused", "gone", 410))
    lane = post_lane(store, channel)
    await one_round(lane)
    assert store.recorded == [SubscriptionDisabled(one.subscription_id, "gone")]
    store.now += timedelta(days=1)
    await one_round(lane)
    assert len(channel.sent) == 2, "the two that were under way together"
    assert sorted(d.status for d in store.deliveries.values()) == [
        "failed",
        "pending",
        "pending",
        "pending",
        "sent",
    ]


async def test_a_missing_signing_key_is_no_reason_to_lose_a_delivery(store: Store) -> None:
    one = replace(subscription(), secret=SecretVersion(1, "retired"))
    store.subscriptions[one.subscription_id] = one
    await FakeUnitOfWork(store).deliveries.add([delivery(one.subscription_id)])
    channel = FakeChannel()
    await one_round(post_lane(store, channel))
    assert channel.sent == []
    assert [d.reason for d in store.deliveries.values()] == ["signing-key-missing"]


async def test_a_deleted_subscription_is_no_trouble(store: Store) -> None:
    one = subscription()
    store.subscriptions[one.subscription_id] = one
    await FakeUnitOfWork(store).deliveries.add([delivery(one.subscription_id)])
    lane = post_lane(store, FakeChannel())
    (claim,) = await lane.claim(10)
    tried = await lane.deliver(claim, monotonic())
    await FakeUnitOfWork(store).subscriptions.remove(one.subscription_id)
    await lane.settle([tried])
    assert (store.attempts, store.recorded) == ([], [])
