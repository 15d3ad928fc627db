"""What any unit of work of this service must do. Run against the fake and PostgreSQL."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from notification_service.application.ports import Erased, OpenUnitOfWork
from notification_service.application.sending_ports import Attempt
from notification_service.domain.delivery import Outcome
from notification_service.domain.load_cap import Invitation
from notification_service.domain.message import address_to
from servicekit import telemetry
from unit.notification.builders import NOW, TRACE_ID, TRACEPARENT, delivery, subscription
from unit.notification.port_scenarios_rounds import ROUNDS
from unit.notification.port_scenarios_webhooks import WEBHOOKS

LEASE = timedelta(seconds=30)

Scenario = Callable[[OpenUnitOfWork], Awaitable[None]]


async def an_old_unit_name_does_not_come_back(uow: OpenUnitOfWork) -> None:
    message = address_to("modules_assigned", ["x"], ["p-1"], {"unit_id": "rehab"})
    async with uow() as tx:
        await tx.units.remember("rehab", "Rehab", 2)
        await tx.units.remember("rehab", "Old", 1)
        await tx.messages.add(message, NOW)
    async with uow() as tx:
        names = [c.unit_names for c in await tx.messages.claim(NOW, LEASE, 9)]
        assert names == [{"rehab": "Rehab"}]


async def a_message_is_stored_once(uow: OpenUnitOfWork) -> None:
    messages = address_to("round_opened", ["r"], ["p-0001"], {"unit_id": "rehab"})
    async with uow() as tx:
        await tx.messages.add(messages, NOW)
    async with uow() as tx:
        await tx.messages.add([replace(messages[0], reference=uuid4())], NOW)
        claimed = await tx.messages.claim(NOW, LEASE, 9)
    assert [c.message.message_id for c in claimed] == [messages[0].message_id]
    assert claimed[0].message.reference == messages[0].reference
    assert claimed[0].contact == "unknown"


async def only_what_is_not_sent_is_corrected(uow: OpenUnitOfWork) -> None:
    facts = {"unit_id": "rehab", "closes_at": "before"}
    first, second = address_to("round_opened", ["r"], ["p-0001", "p-0002"], facts)
    async with uow() as tx:
        await tx.messages.add([first, second], NOW)
        await tx.messages.save([replace(first, status="sent")], NOW)
        await tx.messages.correct([first.message_id, second.message_id], {"closes_at": "after"})
        await tx.messages.save([replace(first, next_attempt_at=NOW)], NOW)
    async with uow() as tx:
        claimed = await tx.messages.claim(NOW, LEASE, 9)
    assert {c.message.message_id: c.message.facts for c in claimed} == {
        first.message_id: facts,
        second.message_id: {**facts, "closes_at": "after"},
    }


async def a_fact_is_added_to_what_is_not_sent_about_a_round(uow: OpenUnitOfWork) -> None:
    round_id, other = uuid4(), uuid4()
    first, second = address_to("round_opened", ["r"], ["p-1", "p-2"], {"round_id": str(round_id)})
    (elsewhere,) = address_to("round_opened", ["o"], ["p-1"], {"round_id": str(other)})
    async with uow() as tx:
        await tx.messages.add([first, second, elsewhere], NOW)
        await tx.messages.save([replace(first, status="sent")], NOW)
        await tx.messages.add_fact(round_id, "closed", "yes")
    async with uow() as tx:
        claimed = await tx.messages.claim(NOW, LEASE, 9)
    assert {c.message.message_id: c.message.is_too_late for c in claimed} == {
        second.message_id: True,
        elsewhere.message_id: False,
    }


async def a_row_keeps_the_trace_in_which_it_was_stored(uow: OpenUnitOfWork) -> None:
    one = subscription()
    messages = address_to("round_opened", ["r"], ["p-0001"], {"unit_id": "rehab"})
    sent = [delivery(one.subscription_id)]
    async with uow() as tx:
        await tx.subscriptions.add(one)
        with telemetry.span("an event", traceparent=TRACEPARENT):
            await tx.messages.add(messages, NOW)
            await tx.deliveries.add(sent)
    async with uow() as tx:
        await tx.messages.add(messages, NOW)
        await tx.deliveries.add(sent)
        (message,) = await tx.messages.claim(NOW, LEASE, 9)
        (post,) = await tx.deliveries.claim(NOW, LEASE, 9, 9)
    for traceparent in (message.traceparent, post.traceparent):
        assert traceparent is not None
        assert traceparent.split("-")[1] == TRACE_ID


async def a_claim_keeps_others_away_until_its_lease_ends(uow: OpenUnitOfWork) -> None:
    messages = address_to("round_opened", ["r"], ["p-0001", "p-0002"], {"unit_id": "rehab"})
    async with uow() as tx:
        await tx.messages.add(messages, NOW)
    async with uow() as tx:
        first = await tx.messages.claim(NOW, LEASE, 1)
        second = await tx.messages.claim(NOW, LEASE, 9)
        assert await tx.messages.claim(NOW + LEASE / 2, LEASE, 9) == []
    assert {c.message.message_id for c in first + second} == {m.message_id for m in messages}
    assert (len(first), len(second)) == (1, 1)
    async with uow() as tx:
        again = await tx.messages.claim(NOW + LEASE, LEASE, 9)
        assert {c.message.attempt for c in again} == {2}
        assert await tx.messages.held(first + second) == set()
        assert await tx.messages.held(again) == {m.message_id for m in messages}


async def a_settled_message_is_never_due_again(uow: OpenUnitOfWork) -> None:
    messages = address_to("round_opened", ["r"], ["p-0001"], {"unit_id": "rehab"})
    async with uow() as tx:
        await tx.messages.add(messages, NOW)
        (claim,) = await tx.messages.claim(NOW, LEASE, 9)
    after, _ = claim.message.settled(Outcome("accepted"), "email", NOW, [5], 0.5)
    async with uow() as tx:
        await tx.messages.save([after], NOW)
    async with uow() as tx:
        assert await tx.messages.claim(NOW + timedelta(days=9), LEASE, 9) == []
        assert await tx.messages.held([claim]) == set()


async def a_transaction_has_one_time(uow: OpenUnitOfWork) -> None:
    async with uow() as tx:
        began = await tx.now()
        assert began.tzinfo
        assert await tx.now() == began


async def only_what_was_settled_before_is_removed(uow: OpenUnitOfWork) -> None:
    one = subscription()
    messages = address_to("round_opened", ["r"], ["p-1", "p-2", "p-3"], {})
    sent = [delivery(one.subscription_id) for _ in range(3)]
    async with uow() as tx:
        await tx.messages.add(messages, NOW)
        await tx.subscriptions.add(one)
        await tx.deliveries.add(sent)
        for days, message, post in zip((3, 2), messages, sent, strict=False):
            settled_at = NOW - timedelta(days=days)
            await tx.messages.save([replace(message, status="failed")], settled_at)
            await tx.deliveries.save([replace(post, status="sent")], settled_at)
            started = Attempt(message.message_id, 1, settled_at, 1, Outcome("accepted"))
            await tx.attempts.add([started, replace(started, item_id=post.delivery_id)])
    async with uow() as tx:
        for kept in (tx.messages, tx.deliveries):
            assert await kept.remove_settled(NOW - timedelta(days=4), 9) == 0
            assert await kept.remove_settled(NOW, 1) == 1
        left = [await tx.deliveries.get(post.delivery_id, None) is not None for post in sent]
        assert left == [False, True, True]
        for kept in (tx.messages, tx.deliveries):
            assert await kept.remove_settled(NOW, 9) == 1
    async with uow() as tx:
        (waiting,) = await tx.messages.claim(NOW, LEASE, 9)
        (due,) = await tx.deliveries.claim(NOW, LEASE, 9, 9)
    assert (waiting.message.message_id, due.delivery.delivery_id) == (
        messages[2].message_id,
        sent[2].delivery_id,
    )


async def a_persons_messages_are_removed_with_their_attempts(uow: OpenUnitOfWork) -> None:
    first, second = address_to("round_opened", ["r"], ["p-0001", "p-0002"], {"unit_id": "rehab"})
    tried = [Attempt(one.message_id, 1, NOW, 5, Outcome("retry")) for one in (first, second)]
    erasure_id, erased = uuid4(), Erased("p-0001", [])
    async with uow() as tx:
        await tx.messages.add([first, second], NOW)
        await tx.attempts.add(tried)
        invited = [Invitation(one, UUID(int=1), UUID(int=2), NOW) for one in ("p-0001", "p-0002")]
        await tx.invitations.add(invited)
        removed = await tx.erasures.remove(erasure_id, erased)
        assert removed == {"messages": 1, "attempts": 1, "invitations": 1}
        await tx.erasures.to_confirm(erasure_id, removed)
        await tx.erasures.to_confirm(erasure_id, {})
        assert await tx.erasures.unconfirmed() == {erasure_id: removed}
    async with uow() as tx:
        (left,) = await tx.messages.claim(NOW, LEASE, 9)
        assert left.message.message_id == second.message_id
        assert await tx.invitations.invited(UUID(int=1)) == {"p-0002"}
        assert not any((await tx.erasures.remove(erasure_id, erased)).values())
        await tx.erasures.confirmed(erasure_id)
        assert await tx.erasures.unconfirmed() == {}


SCENARIOS: list[Scenario] = [
    *WEBHOOKS,
    *ROUNDS,
    an_old_unit_name_does_not_come_back,
    a_message_is_stored_once,
    only_what_is_not_sent_is_corrected,
    a_fact_is_added_to_what_is_not_sent_about_a_round,
    a_row_keeps_the_trace_in_which_it_was_stored,
    a_claim_keeps_others_away_until_its_lease_ends,
    a_settled_message_is_never_due_again,
    a_transaction_has_one_time,
    only_what_was_settled_before_is_removed,
    a_persons_messages_are_removed_with_their_attempts,
]
