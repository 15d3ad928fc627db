"""The workflow service talks TLS to Temporal and shows its certificate, if the settings say so.

The development server has no TLS: it is behind a proxy that ends the connections, as many do.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from integration.workflow.programme import Programme
from servicekit.certificates import issue


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture
async def secure(temporal: str, tmp_path: Path) -> AsyncIterator[dict[str, Any]]:
    """Settings for Temporal behind TLS that asks for the service's certificate."""
    server_side, client_side = issue(tmp_path, "temporal"), issue(tmp_path, "workflow")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(server_side.certificate, server_side.key)
    context.load_verify_locations(client_side.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    host, port = temporal.split(":")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind = await asyncio.open_connection(host, int(port))
        await asyncio.gather(_copy(reader, behind[1]), _copy(behind[0], writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    yield {
        "address": f"127.0.0.1:{server.sockets[0].getsockname()[1]}",
        "tls": True,
        "tls_ca_file": server_side.ca,
        "tls_cert_file": client_side.certificate,
        "tls_key_file": client_side.key,
    }
    server.close()


async def test_an_action_goes_through_tls_and_past_the_servers_question_who_we_are(
    programme: Programme, secure: dict[str, Any]
) -> None:
    secured = programme.another(**secure)
    async with secured.worker():
        assert (await secured.act("start_pilot"))["version"] == 2
    await secured.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"tls": False},
        {"tls_ca_file": None},
        {"tls_cert_file": None, "tls_key_file": None},
    ],
    ids=["no TLS", "unknown authority", "no certificate"],
)
async def test_without_what_both_sides_trust_nothing_is_said(
    programme: Programme, secure: dict[str, Any], wrong: dict[str, Any]
) -> None:
    stranger = programme.another(**{**secure, **wrong, "deadline_seconds": 3})
    answer = await stranger.ask("start_pilot")
    assert (answer.status_code, answer.json()["code"]) == (503, "engine-unavailable")
    await stranger.close()
