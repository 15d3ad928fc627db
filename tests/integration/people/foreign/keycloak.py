"""Keycloak as a process, with a realm that is set up as the how-to says.

The archive is pinned in infra/keycloak/artifacts.txt and unpacked once per user. Keycloak takes
more than a minute of processor time to start.
"""

import asyncio
import json
import os
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from devstack.artifacts import java, obtain
from devstack.options import CHECKOUT
from integration.people.foreign.processes import answering, ended
from integration.people.foreign.relying_party import REDIRECT_URI
from support.ports import free_port

LISTING = CHECKOUT / "infra" / "keycloak" / "artifacts.txt"
ADMIN, PASSWORD, SECRET = "admin", "a-password-of-the-tests-only", "a-secret-of-the-tests-only"


@asynccontextmanager
async def running(log: Path, redirect_uri: str = REDIRECT_URI) -> AsyncIterator[str]:
    """The issuer of the realm, whose client `portal` may be answered at `redirect_uri`.

    Raises StackError if Keycloak cannot be had.
    """
    home, port = await asyncio.to_thread(_unpacked), free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(str(home / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--cache=local"),
            *("--http-host=127.0.0.1", f"--http-port={port}"),
            env={
                "PATH": os.environ["PATH"],
                "JAVA": java(),
                "JAVA_OPTS_KC_HEAP": "-Xms64m -Xmx512m",
                "KC_BOOTSTRAP_ADMIN_USERNAME": ADMIN,
                "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD,
            },
            stdout=output,
            stderr=output,
        )
    async with ended(process):
        server = f"http://127.0.0.1:{port}"
        await answering(f"{server}/realms/master", process, log, within=900)
        await _set_up(server, redirect_uri)
        yield f"{server}/realms/region"


def _unpacked() -> Path:
    archives = obtain(LISTING, "keycloak", lambda _: None)
    (archive,) = archives.glob("*.zip")
    folder = archives.with_name(f"{archives.name}-unpacked")
    home = folder / archive.stem.replace("-quarkus-dist", "")
    if not (home / "complete").exists():
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        (home / "bin" / "kc.sh").chmod(0o755)
        (home / "complete").touch()
    return home


async def _set_up(server: str, redirect_uri: str) -> None:
    """A realm, and one sample person in it."""
    async with httpx.AsyncClient(base_url=server, timeout=60) as client:
        form = {"client_id": "admin-cli", "username": ADMIN, "password": PASSWORD}
        login = await client.post(
            "/realms/master/protocol/openid-connect/token", data={**form, "grant_type": "password"}
        )
        client.headers["authorization"] = f"Bearer {login.json()['access_token']}"
        realm = Path(__file__).parent / "keycloak-realm.json"
        settings = realm.read_text(encoding="utf-8")
        address = httpx.URL(redirect_uri).copy_with(path="/")
        settings = settings.replace("{redirect_uri}", redirect_uri).replace("{secret}", SECRET)
        settings = settings.replace("{portal}", str(address))
        await _sent(client, "POST", "/admin/realms", json.loads(settings))
        profile = (await client.get("/admin/realms/region/users/profile")).json()
        profile["unmanagedAttributePolicy"] = "ADMIN_EDIT"
        await _sent(client, "PUT", "/admin/realms/region/users/profile", profile)
        person = {
            "username": "person0001",
            "enabled": True,
            "firstName": "Exempelperson",
            "lastName": "0001",
            "email": "person0001@example.se",
            "emailVerified": True,
            "attributes": {"employee_number": ["p-0001"]},
            "groups": ["/um-administrators"],
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        await _sent(client, "POST", "/admin/realms/region/users", person)


async def _sent(client: httpx.AsyncClient, method: str, path: str, body: Any) -> None:
    answer = await client.request(method, path, json=body)
    assert answer.is_success, answer.text
