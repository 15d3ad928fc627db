"""The real servers as the stack starts them: they keep what they said they kept, and no more."""

import os
import smtplib
import uuid
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from joserfc import jwt
from joserfc.jwk import KeySet

import devstack
from devstack import Stack, StackError

OWN_SERVERS = pytest.mark.skipif(
    "POSTGRES_ADMIN_DSN" in os.environ, reason="a server of somebody else is not ours to kill"
)


def mail(subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "a@example.se", f"{subject}@example.se"
    message["Subject"] = subject
    message.set_content("Hej å")
    return message


@OWN_SERVERS
async def test_an_accepted_mail_outlives_a_killed_catcher(servers: Stack) -> None:
    subject = uuid.uuid4().hex
    with smtplib.SMTP(servers.env["SMTP_HOST"], int(servers.env["SMTP_PORT"])) as smtp:
        smtp.send_message(mail(subject))
        servers.kill("mailbox")
    await servers.wait_ready("mailbox")
    url = f"{servers.env['MAILBOX_URL']}/messages"
    async with httpx.AsyncClient() as client:
        page = (await client.get(url, params={"recipient": f"{subject}@EXAMPLE.se"})).json()
        assert page["total"] == 1
        assert page["items"][0]["text"].strip() == "Hej å"
        whole = (await client.get(f"{url}/{page['items'][0]['id']}")).json()
    assert whole["subject"] == subject


@OWN_SERVERS
async def test_an_acknowledged_record_outlives_a_killed_broker(servers: Stack) -> None:
    topic, address = f"test-{uuid.uuid4()}", servers.env["KAFKA_BOOTSTRAP_SERVERS"]
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=address, acks="all") as producer:
        await producer.send_and_wait(topic, b"kept")
    servers.kill("kafka")
    await servers.wait_ready("kafka", 120)
    async with AIOKafkaConsumer(bootstrap_servers=address) as consumer:
        partition = TopicPartition(topic, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        assert (await consumer.getone()).value == b"kept"


async def test_the_app_role_reads_and_writes_rows_and_nothing_else(servers: Stack) -> None:
    table = f"t_{uuid.uuid4().hex}"
    owner = await asyncpg.connect(servers.env["CONTENT_OWNER_DATABASE_URL"])
    app = await asyncpg.connect(servers.env["CONTENT_API_DATABASE_URL"])
    try:
        await owner.execute(f"create table {table}(id int)")
        await owner.execute(f"grant select, insert on {table} to content_api")
        await app.execute(f"insert into {table} values (1)")
        assert await app.fetchval(f"select id from {table}") == 1
        for refused in (
            *(f"drop table {table}", f"truncate {table}", f"alter table {table} add x int"),
            *("create table other(id int)", "create schema other", "set role content_owner"),
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await app.execute(refused)
    finally:
        await owner.execute(f"drop table {table}")
        await owner.close()
        await app.close()


async def test_a_service_cannot_enter_another_ones_database(servers: Stack) -> None:
    other = urlsplit(servers.env["CONTENT_API_DATABASE_URL"])._replace(path="/workflow").geturl()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(other)


def test_a_personas_token_is_signed_and_says_who(servers: Stack) -> None:
    issuer = servers.env["ISSUER_URL"]
    keys = KeySet.import_key_set(httpx.get(f"{issuer}/jwks").json())
    token = jwt.decode(devstack.token(issuer, "manager"), keys, algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    expected = {"iss": issuer, "aud": "um-platform", "sub": "manager"}
    assert expected.items() <= token.claims.items()
    held = [{"role": "manager", "unit": "rehabenheten", "below": True}]
    assert token.claims["assignments"] == token.claims["sample_assignments"] == held
    assert len(devstack.tokens(issuer, ["auditor", "employee"])) == 2


def test_an_unknown_persona_is_told_who_is_known(servers: Stack) -> None:
    with pytest.raises(StackError, match="unknown persona 'nobody'; known are: administrator"):
        devstack.token(servers.env["ISSUER_URL"], "nobody")


def test_addresses_are_for_the_owner_only(servers: Stack) -> None:
    for name in ("stack.env", "secrets.json"):
        assert Path(servers.directory, name).stat().st_mode & 0o777 == 0o600
