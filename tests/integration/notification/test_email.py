"""Mails to a real SMTP server: what arrives, how often, and the effect of each reply."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from time import monotonic, perf_counter, process_time
from uuid import UUID, uuid4

import pytest

from integration.notification.conftest import Start
from integration.notification.mail_catcher import MailCatcher
from integration.notification.service import Service, person_row
from notification_service.adapters.email import EmailChannel, Sender, SmtpServer
from notification_service.application.sending_ports import Content, Mail
from notification_service.domain.delivery import Outcome
from notification_service.domain.message import address_to
from support.eventually import eventually
from unit.notification.builders import NOW

FACTS = {"round_id": str(UUID(int=1)), "unit_id": "rehab", "closes_at": "2026-03-16T11:00:00+00:00"}


def mail(number: int = 1) -> Mail:
    content = Content("Ämne", f"Hej\n.\nrad {number}\n", "<p>Hej</p>")
    name, address = f"Exempelperson {number:04}", f"p{number}@example.se"
    return Mail(uuid4(), datetime.now(UTC), name, address, "sv", content)


def channel_to(port: int, timeout: float = 2) -> EmailChannel:
    sender = Sender("um@example.se", "Utvecklande medarbetarskap", None)
    server = SmtpServer("127.0.0.1", port, sender, "opportunistic", None, None, timeout)
    return EmailChannel(server)


@pytest.fixture
async def channel(catcher: MailCatcher) -> AsyncIterator[EmailChannel]:
    channel = channel_to(catcher.port)
    yield channel
    await channel.close_idle()


async def test_the_mail_arrives_as_it_was_meant(
    catcher: MailCatcher, channel: EmailChannel
) -> None:
    sent = mail()
    assert await channel.send(sent) == Outcome("accepted")
    (caught,) = catcher.mails()
    assert catcher.message_ids() == [f"<{sent.message_id}@example.se>"]
    assert caught["From"] == "Utvecklande medarbetarskap <um@example.se>"
    assert caught["To"] == "Exempelperson 0001 <p1@example.se>"
    assert caught["Subject"] == "Ämne"
    text = caught.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Hej", ".", "rad 1"]
    assert catcher.envelopes == [("um@example.se", ["p1@example.se"])]


async def test_one_conversation_carries_many_mails(
    catcher: MailCatcher, channel: EmailChannel
) -> None:
    for number in range(20):
        assert (await channel.send(mail(number))).result == "accepted"
    assert (len(catcher.contents), catcher.conversations) == (20, 1)
    await channel.close_idle()
    await channel.send(mail())
    assert catcher.conversations == 2


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("550 5.1.1 no such user", Outcome("refused", "recipient-refused", 550)),
        ("451 4.7.1 greylisted", Outcome("retry", "recipient-refused", 451)),
    ],
)
async def test_answers_about_the_recipient(
    catcher: MailCatcher, channel: EmailChannel, answer: str, expected: Outcome
) -> None:
    async def refuse(address: str) -> str | None:
        return answer if address == "p1@example.se" else None

    catcher.on_recipient = refuse
    assert await channel.send(mail(1)) == expected
    assert await channel.send(mail(2)) == Outcome("accepted")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("554 5.6.0 spam", Outcome("refused", "content-refused", 554)),
        ("452 4.3.1 disk full", Outcome("retry", "content-refused", 452)),
        ("421 closing", Outcome("retry", "content-refused", 421)),
    ],
)
async def test_answers_about_the_content(
    catcher: MailCatcher, channel: EmailChannel, answer: str, expected: Outcome
) -> None:
    async def refuse(_: str) -> str | None:
        return answer

    catcher.on_content = refuse
    assert await channel.send(mail()) == expected
    catcher.on_content = None
    assert await channel.send(mail()) == Outcome("accepted")


async def test_no_server() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcome = await channel_to(unused.getsockname()[1]).send(mail())
    assert outcome == Outcome("retry", "server-unavailable")


@pytest.mark.parametrize("speech", [b"", b"garbage\r\n", b"220 hello\r\n"])
async def test_a_server_that_hangs_or_talks_nonsense(speech: bytes) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(speech)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    async with server:
        channel = channel_to(server.sockets[0].getsockname()[1], timeout=0.3)
        outcome = await channel.send(mail())
    assert outcome.result == "retry"


async def test_a_server_that_restarts(catcher: MailCatcher, channel: EmailChannel) -> None:
    assert (await channel.send(mail(1))).result == "accepted"
    channel._idle[0].close()
    await catcher.stop()
    assert (await channel.send(mail(2))).result == "retry"
    await catcher.start()
    assert (await channel.send(mail(2))).result == "accepted"


async def invite(service: Service, count: int) -> None:
    rows = [person_row(n, language="en" if n % 2 else "sv") for n in range(count)]
    await service.import_people(*rows)
    people = [f"p-{n:04}" for n in range(count)]
    async with service.app.uow() as tx:
        await tx.units.remember("rehab", "Rehabenheten", 1)
        await tx.messages.add(address_to("round_opened", ["r"], people, FACTS), NOW)


async def statuses(service: Service) -> dict[str, int]:
    counts = {}
    for status in ("pending", "sent", "failed"):
        answer = await service.ask("GET", "/messages", params={"status": status, "limit": 1})
        counts[status] = answer.json()["total"]
    return counts


async def test_from_the_row_to_the_mailbox(service: Service, catcher: MailCatcher) -> None:
    await invite(service, 2)

    async def all_sent() -> bool:
        return (await statuses(service))["sent"] == 2

    async with service.sending():
        await eventually(all_sent)
    subjects = {str(mail["To"]): str(mail["Subject"]) for mail in catcher.mails()}
    assert subjects == {
        "Exempelperson 0000 <person0000@example.se>": "Självskattning för Rehabenheten är öppen",
        "Exempelperson 0001 <person0001@example.se>": (
            "The self-assessment for Rehabenheten is open"
        ),
    }
    (swedish,) = [mail for mail in catcher.mails() if "0000" in str(mail["To"])]
    text = swedish.get_body(("plain",))
    assert text is not None
    assert "2026-03-16 12:00" in text.get_content()
    assert "Frågor? Kontakta um@example.se." in text.get_content()
    assert f"https://um.example.se/rounds/{UUID(int=1)}" in text.get_content()
    listed = (await service.ask("GET", "/messages")).json()["items"]
    assert [[a["result"] for a in m["attempts"]] for m in listed] == [["accepted"], ["accepted"]]
    assert {f"<{m['message_id']}@example.se>" for m in listed} == set(catcher.message_ids())


async def attempted(service: Service) -> list[tuple[str, str]]:
    """Result and reason of every attempt, the first one first."""
    listed = (await service.ask("GET", "/messages")).json()["items"]
    return [(a["result"], a["reason"]) for message in listed for a in message["attempts"]]


async def test_mails_wait_while_the_people_service_is_away(
    start: Start, catcher: MailCatcher, caplog: pytest.LogCaptureFixture
) -> None:
    quick = {"deadline_seconds": 1, "lease_seconds": 2}
    alone = start(smtp=quick, people={"url": "http://127.0.0.1:9"})
    await invite(alone, 1)

    async def asked_twice() -> bool:
        return caplog.text.count("1 messages wait for addresses") > 1

    async with alone.sending():
        await eventually(asked_twice)
    assert await attempted(alone) == []
    assert catcher.contents == []
    service = start(smtp=quick)

    async def sent() -> bool:
        return (await statuses(service))["sent"] == 1

    async with service.sending():
        await eventually(sent)
    assert len(catcher.contents) == 1


async def test_a_message_to_somebody_who_is_deleted_fails(
    service: Service, catcher: MailCatcher
) -> None:
    await invite(service, 1)
    await service.people.forget_all()

    async def failed() -> bool:
        return (await statuses(service))["failed"] == 1

    async with service.sending():
        await eventually(failed)
    assert await attempted(service) == [("refused", "recipient-gone")]
    assert catcher.contents == []


async def test_a_crash_after_sending_repeats_the_message_id(
    start: Start, catcher: MailCatcher
) -> None:
    """The process dies after the server has accepted the mail, before the row is marked."""
    brief = {"lease_seconds": 2.0, "deadline_seconds": 0.5}
    dying = start(smtp=brief)
    await invite(dying, 1)
    lane = dying.app._mail_lane()
    (claim,) = await lane.claim(10)
    await lane.deliver(claim, monotonic())
    await lane.close_idle()
    assert (await statuses(dying))["pending"] == 1

    successor = start(smtp=brief)

    async def sent() -> bool:
        return (await statuses(successor))["sent"] == 1

    async with successor.sending():
        await eventually(sent)
    assert len(catcher.contents) == 2
    assert len(set(catcher.message_ids())) == 1


async def test_two_workers_send_each_message_once(start: Start, catcher: MailCatcher) -> None:
    one, other = start(), start()
    await invite(one, 150)

    async def all_sent() -> bool:
        return (await statuses(one))["sent"] == 150

    async with one.sending(), other.sending():
        await eventually(all_sent)
    assert len(catcher.contents) == len(set(catcher.message_ids())) == 150


async def test_a_hundred_mails_a_second(service: Service, catcher: MailCatcher) -> None:
    """In processor time, catcher included, so that other load does not change the result."""
    await invite(service, 400)

    async def all_caught() -> bool:
        return len(catcher.contents) == 400 and (await statuses(service))["sent"] == 400

    begun, busy_begun = perf_counter(), process_time()
    async with service.sending():
        await eventually(all_caught, within=60)
    elapsed, busy = perf_counter() - begun, process_time() - busy_begun
    print(f"{400 / elapsed:.0f} mails/s, {400 / busy:.0f} per processor second")
    assert catcher.conversations <= 16
    assert 400 / busy >= 100
