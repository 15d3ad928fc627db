"""Runbooks that change a whole installation, on one that is made for them and ended by the last."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient

import devstack
from devstack import Stack, StackOptions
from devstack.credentials import CLIENTS
from devstack.options import Layout
from devstack.state import StackState
from e2e.pilot import Administrator, begin
from integration.notification.receiver import Receiver
from support import runbooks
from support.checker import read_topics
from support.eventually import eventually
from support.portal_session import session_cookie
from support.stack import PREFIX, signed_in

pytestmark = pytest.mark.timeout(900)  # each restarts most of a platform

LOST = "content.module"
TRAIL = "people.audit"
DECISION = "external.decision.published.v1"


@pytest.fixture(scope="module")
async def own(progress: Callable[[StackState], None]) -> AsyncIterator[Stack]:
    """An installation with Prometheus."""
    if "UM_STACK_DIRECTORY" in os.environ:
        yield devstack.attach(Path(os.environ["UM_STACK_DIRECTORY"]))
        return
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    # So that a trail's end is signed soon after the key is another.
    Layout(directory).settings.write_text("PEOPLE_AUDIT__SIGN_EVERY_SECONDS=1\n")
    try:
        async with devstack.running(StackOptions(directory, metrics=True), progress) as stack:
            yield stack
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def administrator(own: Stack) -> Administrator:
    return Administrator(own)


@pytest.fixture(scope="module")
def rollout(administrator: Administrator) -> str:
    """One that is under way: its id."""
    return begin(administrator, f"runbook-{uuid4().hex[:8]}")


async def test_a_lost_topic_is_made_and_filled_again(own: Stack, rollout: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=own.env["KAFKA_BOOTSTRAP_SERVERS"])
    await admin.start()
    try:
        await admin.delete_topics([LOST])
        await runbooks.run(own, "lost-topics")
        assert LOST in await admin.list_topics()
    finally:
        await admin.close()


async def test_alerts_are_looked_into(own: Stack) -> None:
    await runbooks.run(own, "alerts")


class Subscriber:
    """Another system: gets webhooks, and verifies each with the secret that it was given."""

    def __init__(self, own: Stack, receiver: Receiver) -> None:
        self._url, self._receiver = own.env["NOTIFICATION_URL"], receiver
        self._headers = signed_in(own, "subscriber")

    async def subscribe(self) -> None:
        made = await self._post(
            "/subscriptions", {"url": self._receiver.url, "event_types": [DECISION]}
        )
        self._path, self._secret = f"/subscriptions/{made['subscription_id']}/test", made["secret"]

    async def ask(self) -> None:
        """One more webhook comes, signed with the secret."""
        await eventually(self._asked, within=60)

        async def received() -> bool:
            return bool(self._receiver.requests)

        await eventually(received, within=60)
        while self._receiver.requests:
            self._receiver.requests.pop().verify(self._secret)

    async def _asked(self) -> bool:
        try:
            await self._post(self._path, {"event_type": DECISION})
        except httpx.TransportError as error:
            raise AssertionError("notification starts") from error
        return True

    async def _post(self, path: str, body: dict[str, object]) -> dict[str, Any]:
        headers = self._headers | {"idempotency-key": str(uuid4())}
        async with httpx.AsyncClient(base_url=self._url) as http:
            answer = await http.post(f"/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found


@asynccontextmanager
async def repeated(act: Callable[[], object]) -> AsyncIterator[list[int]]:
    """`act` is done again and again during the block, and once more after it."""
    done, enough = [0], asyncio.Event()

    async def repeat() -> None:
        while not enough.is_set():
            await act()  # type: ignore[misc]
            done[0] += 1
            await asyncio.sleep(0.5)

    task = asyncio.create_task(repeat())
    try:
        yield done
    finally:
        enough.set()
        await task


async def test_secrets_are_rotated_under_load(
    own: Stack, administrator: Administrator, rollout: str
) -> None:
    """Somebody stays signed in, a webhook can be verified, a rollout goes on, a trail is whole."""
    cookie = await session_cookie(own.env, "administrator")
    async with httpx.AsyncClient(base_url=own.env["PORTAL_URL"], headers={"cookie": cookie}) as me:

        async def stay_signed_in() -> None:
            async def seen() -> bool:
                try:
                    page = await me.get("/start")
                except httpx.TransportError as error:
                    raise AssertionError("the portal starts") from error
                assert page.status_code == 200, page.headers.get("location")
                return True

            await eventually(seen, within=60)

        async with Receiver() as receiver:
            subscriber = Subscriber(own, receiver)
            await subscriber.subscribe()
            async with repeated(stay_signed_in) as seen, repeated(subscriber.ask) as received:
                await runbooks.run(own, "rotate")
        assert min(*seen, *received) > 3
    signed = len(await read_topics(own.env["KAFKA_BOOTSTRAP_SERVERS"], TRAIL))
    person = "rotated,Exempelperson 0003,rotated@example.se,sv,administrator,"
    columns = "person_id,name,email,language,role,unit_id"
    administrator.post("people", "/persons/import", f"{columns}\n{person}\n")

    async def signed_again() -> bool:
        return len(await read_topics(own.env["KAFKA_BOOTSTRAP_SERVERS"], TRAIL)) > signed

    assert await eventually(signed_again, within=60)
    assert "FAULT" not in await runbooks.run(own, "audit-trail")
    administrator.post(
        "workflow", f"/rollouts/{rollout}/actions/pause", {"reason": "After the rotation"}
    )
    administrator.post(
        "workflow", f"/rollouts/{rollout}/actions/resume", {"reason": "After the rotation"}
    )


@pytest.fixture(scope="module")
async def moved(own: Stack) -> AsyncIterator[Stack]:
    """Where the installation goes; it runs there afterwards."""
    directory = Path(tempfile.mkdtemp(prefix=PREFIX))
    try:
        yield Stack(directory)
    finally:
        await devstack.stop_stack(directory)
        shutil.rmtree(directory, ignore_errors=True)


async def test_an_installation_is_moved(own: Stack, moved: Stack, rollout: str) -> None:
    await runbooks.run(own, "move-to-another-host", NEW=str(moved.directory))
    actions = f"/rollouts/{rollout}/actions"
    Administrator(moved).post("workflow", f"{actions}/pause", {"reason": "On the new host"})


async def test_the_platform_ends(moved: Stack, tmp_path: Path) -> None:
    certificate = tmp_path / "certificate"
    await runbooks.run(moved, "end-the-platform", CERTIFICATE=str(certificate))
    deleted = certificate.read_text()
    for what in ("topic workflow.unit", "account people", "database content", "role portal_web"):
        assert f"{what}\n" in deleted.replace(", ", "\n"), what


def the_regions_provider(issuer: str) -> str:
    """For `PEOPLE_PROVIDERS`: it vouches for a group, and for no assignment."""
    provider = {
        "name": "region",
        "issuer": issuer,
        "audiences": ["um-platform"],
        "group_claims": ["groups"],
        "group_roles": {"um-administrators": "administrator"},
        "roles_without_person": ["administrator"],
        "client_roles": dict.fromkeys(CLIENTS, "service"),
    }
    return json.dumps([provider])


async def test_it_is_installed_on_servers_that_exist(moved: Stack, tmp_path: Path) -> None:
    """On those of the platform that has ended; a group lets the first administrators in."""
    providers = the_regions_provider(moved.env["ISSUER_URL"])
    Layout(moved.directory).settings.write_text(f"PEOPLE_PROVIDERS={providers}\n")
    sample = {"UM_ENVIRONMENT": "local", "SMTP_SECURITY": "opportunistic"}
    given = {"FOLDER": str(tmp_path / "settings"), **sample}
    await runbooks.run(moved, "install", "first-administrator", **given)
