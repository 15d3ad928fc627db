"""One delivery over real sockets: the outcome for each kind of endpoint, and refused addresses."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks import WebhookVerificationError

from integration.notification.receiver import (
    Behaviour,
    Receiver,
    answering,
    endless_body,
    hang,
    nonsense,
    reset,
    slow_loris,
)
from notification_service.adapters.hosts import Hosts, Resolve, addresses_of
from notification_service.adapters.webhook import Limits, WebhookChannel
from notification_service.application.sending_ports import WebhookPost
from notification_service.domain.delivery import Outcome
from notification_service.domain.egress import EgressPolicy
from unit.notification.builders import KEYRING, subscription

SUBSCRIPTION = subscription()
SECRET = KEYRING.secret(SUBSCRIPTION.subscription_id, SUBSCRIPTION.secret)
ACCEPTED = Outcome("accepted", status_code=200)


def post(url: str, body: str = '{"type": "external.wave.started.v1"}') -> WebhookPost:
    return WebhookPost(uuid4(), datetime.now(UTC), url, body, (SECRET,))


def make_channel(
    *allowed: str, timeout: float = 0.5, resolve: Resolve = addresses_of
) -> WebhookChannel:
    policy = EgressPolicy.of(allowed)
    limits = Limits(timeout, timeout)
    return WebhookChannel(policy, Hosts(policy, 8, resolve), 8, limits)


@pytest.fixture
async def channel() -> AsyncIterator[WebhookChannel]:
    channel = make_channel("127.0.0.1:*")
    yield channel
    await channel.close()


async def test_a_delivery_verifies_and_no_mutation_does(channel: WebhookChannel) -> None:
    async with Receiver() as receiver:
        sent = post(receiver.url)
        assert await channel.send(sent) == ACCEPTED
    (got,) = receiver.requests
    assert got.id == str(sent.delivery_id)
    assert got.verify(SECRET) == {"type": "external.wave.started.v1"}
    headers, body = got.headers, got.body
    other_time = str(int(headers["webhook-timestamp"]) + 1)
    mutations = [
        (headers, body.replace("started", "stopped")),
        (headers, body + " "),
        ({**headers, "webhook-id": str(uuid4())}, body),
        ({**headers, "webhook-timestamp": other_time}, body),
        ({**headers, "webhook-timestamp": "0"}, body),
        ({**headers, "webhook-signature": headers["webhook-signature"][:-3] + "AA="}, body),
        ({**headers, "webhook-signature": ""}, body),
    ]
    for changed, content in mutations:
        with pytest.raises(WebhookVerificationError):
            type(got)(got.path, changed, content).verify(SECRET)


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (answering(204), Outcome("accepted", status_code=204)),
        (answering(500), Outcome("retry", "http-error", 500)),
        (answering(404), Outcome("retry", "http-error", 404)),
        (
            answering(429, "retry-after: 120"),
            Outcome("retry", "http-error", 429, timedelta(seconds=120)),
        ),
        (answering(410), Outcome("refused", "gone", 410)),
        (hang, Outcome("retry", "timeout")),
        (reset, Outcome("retry", "not-http")),
        (nonsense, Outcome("retry", "not-http")),
        (endless_body, ACCEPTED),
    ],
    ids=["204", "500", "404", "429", "410", "hang", "reset", "nonsense", "endless"],
)
async def test_what_endpoints_do(
    channel: WebhookChannel, behaviour: Behaviour, expected: Outcome
) -> None:
    async with Receiver(behaviour) as receiver:
        begun = monotonic()
        outcome = await channel.send(post(receiver.url))
    assert monotonic() - begun < 3
    if behaviour is reset:
        assert outcome.reason in ("not-http", "connection-failed")
    else:
        assert outcome == expected


async def test_a_slow_answer_is_cut_off_by_the_callers_deadline(channel: WebhookChannel) -> None:
    async with Receiver(slow_loris) as receiver:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await channel.send(post(receiver.url))
        receiver.behaviour = answering(200)
        assert await channel.send(post(receiver.url)) == ACCEPTED


async def test_what_was_sent_and_answered_is_kept(channel: WebhookChannel) -> None:
    async with Receiver(answering(503, "set-cookie: session=1", "x-node: 7")) as receiver:
        sent = post(receiver.url)
        exchange = (await channel.send(sent)).exchange
    assert exchange is not None
    assert (exchange.url, exchange.response_body, exchange.error) == (receiver.url, "ok", "")
    assert dict(exchange.request_headers)["webhook-id"] == str(sent.delivery_id)
    assert dict(exchange.response_headers)["x-node"] == "7"
    assert "session" not in str(exchange)
    assert SECRET.removeprefix("whsec_") not in str(exchange)
    unanswered = (await channel.send(sent)).exchange
    assert unanswered is not None
    assert unanswered.error.startswith("ConnectError")


async def test_a_redirect_is_not_followed(channel: WebhookChannel) -> None:
    async with Receiver() as trap, Receiver(answering(302, f"location: {trap.url}")) as receiver:
        outcome = await channel.send(post(receiver.url))
        assert outcome == Outcome("retry", "redirect-not-followed", 302)
        assert (trap.connections, receiver.connections) == (0, 1)


async def test_connections_are_kept_for_the_next_delivery(channel: WebhookChannel) -> None:
    async with Receiver() as receiver:
        for _ in range(10):
            assert await channel.send(post(receiver.url)) == ACCEPTED
        assert receiver.connections == 1


async def test_no_proxy_is_ever_used(
    channel: WebhookChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver() as proxy, Receiver() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await channel.send(post(receiver.url)) == ACCEPTED
        assert (proxy.connections, receiver.connections) == (0, 1)


async def test_nobody_there(channel: WebhookChannel) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        outcome = await channel.send(post(f"http://127.0.0.1:{unused.getsockname()[1]}/"))
    assert outcome == Outcome("retry", "connection-failed")
    outcome = await make_channel("nobody.invalid:80").send(post("http://nobody.invalid/"))
    assert outcome == Outcome("retry", "host-unknown")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "https://localhost:{port}/",
        "https://127.0.0.1:{port}/",
        "https://[::1]:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://[::ffff:7f00:1]:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f000001:{port}/",
        "https://017700000001:{port}/",
        "https://127.1:{port}/",
        "https://0:{port}/",
        "https://0.0.0.0:{port}/",
        "https://user@127.0.0.1:{port}/",
        "https://example.se@127.0.0.1:{port}/",
        "http://allowed.invalid@127.0.0.1:{port}/",
        "https://localhost.:{port}/",
        "https://LOCALHOST:{port}/",
    ],
)
async def test_no_trick_reaches_this_machine(url: str) -> None:
    """The trap listens on every address; `localhost` is a name that resolves inward."""
    channel = make_channel("allowed.invalid:*", "localhost:*")
    connections = 0

    async def trapped(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    trap = await asyncio.start_server(trapped, None, 0, family=socket.AF_INET)
    async with trap:
        target = url.format(port=trap.sockets[0].getsockname()[1])
        outcome = await channel.send(post(target))
    assert outcome.reason in ("address-refused", "host-unknown")
    assert connections == 0
    await channel.close()


async def test_a_name_that_changes_its_mind_is_judged_at_every_connection() -> None:
    """DNS rebinding: public when registered, this machine when it is called."""
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "127.0.0.1"]])
    asked: list[str] = []

    def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return next(answers)

    channel = make_channel(timeout=0.2, resolve=rebinding)
    async with Receiver() as trap:
        url = f"https://rebinding.example.se:{trap.port}/"
        EgressPolicy().check_url(url)
        first = await channel.send(post(url))
        assert first.reason in ("timeout", "connection-failed")
        assert (await channel.send(post(url))).reason == "address-refused"
        assert (await channel.send(post(url))).reason == "address-refused"
        assert trap.connections == 0
    assert asked == ["rebinding.example.se"] * 3
    await channel.close()


async def test_an_allow_listed_name_may_be_on_a_private_network() -> None:
    """10.x is refused for an unknown name, and tried for one that is listed."""

    def private(host: str, _: int) -> list[str]:
        return ["10.255.255.1"]

    listed = make_channel("hr.example", timeout=0.2, resolve=private)
    outcome = await listed.send(post("https://hr.example/"))
    assert outcome.reason in ("timeout", "connection-failed")
    assert (await listed.send(post("https://bi.example/"))).reason == "address-refused"
    await listed.close()


def certificate(folder: Path, name: str) -> Path:
    """A self-signed certificate and its key for a host name, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{name}.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return pem


@pytest.mark.parametrize(
    ("name", "expected"),
    [("hook.example", ACCEPTED), ("other.example", Outcome("retry", "connection-failed"))],
)
async def test_the_certificate_is_checked_for_the_name_not_the_address(
    name: str, expected: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pem = certificate(tmp_path, name)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(pem)
    channel = make_channel("127.0.0.1:*", timeout=1, resolve=lambda host, port: ["127.0.0.1"])
    async with Receiver(tls=tls) as receiver:
        sent = post(f"https://hook.example:{receiver.port}/")
        assert await channel.send(sent) == expected
    await channel.close()
