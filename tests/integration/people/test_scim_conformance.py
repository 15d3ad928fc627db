"""Two independent testers of SCIM servers find no fault, over HTTP with the real PostgreSQL."""

import asyncio
from pathlib import Path
from typing import Any, cast

import httpx
from scim2_client import BaseSyncSCIMClient
from scim2_client.client import RawResponse
from scim2_tester import Status, check_server
from scim_sanity.probe.runner import run_probe_api

from devstack import Stack
from integration.people.scim import TOKEN, provisioned
from servicekit.settings import Database


class Client(BaseSyncSCIMClient):
    """scim2-client over httpx, as the other tests use it."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self._http = http

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self._http.build_request("GET", endpoint).url).startswith(
            str(self._http.base_url)
        )

    def _parse_json(self, response: RawResponse) -> Any:
        return cast(httpx.Response, response).json()

    def request(self, method: str, url: str, **request: Any) -> httpx.Response:
        return self._http.request(method, url, **request)


async def test_scim2_tester_finds_no_fault(
    servers: Stack, database: Database, tmp_path: Path
) -> None:
    """It sends random texts for every attribute, and no externalId."""
    async with provisioned(servers, database, tmp_path, person_id="userName") as client:

        def check() -> None:
            headers = {"authorization": f"Bearer {TOKEN}"}
            address = str(client.http.base_url)
            with httpx.Client(base_url=address, headers=headers, timeout=60) as http:
                results = check_server(Client(http))
            faults = [r for r in results if r.status in (Status.ERROR, Status.CRITICAL)]
            assert [(r.title, r.reason) for r in faults] == []
            assert len([r for r in results if r.status == Status.SUCCESS]) > 60

        await asyncio.to_thread(check)


async def test_scim_sanity_finds_no_fault(
    servers: Stack, database: Database, tmp_path: Path
) -> None:
    async with provisioned(servers, database, tmp_path) as client:
        report = await asyncio.to_thread(
            run_probe_api,
            str(client.http.base_url),
            token=TOKEN,
            extra_user_fields={"externalId": "sample-person"},
        )
        assert report["exit_code"] == 0, report
