"""The commands of the how-to do what it says."""

import asyncio
import os
import re
from pathlib import Path

from devstack import Stack
from integration.people.scim import TOKEN, provisioned
from servicekit.settings import Database

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "provision-persons-by-scim.md"


async def test_the_commands_of_the_page_run(
    servers: Stack, database: Database, tmp_path: Path
) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    *before, last = script.strip().rpartition("\n\n")
    assert last.startswith("scim --request DELETE")
    async with provisioned(servers, database, tmp_path) as client:
        environment = {**os.environ, "BASE": f"{client.service.url}/scim/v2", "TOKEN": TOKEN}

        async def run(commands: str) -> str:
            shell = await asyncio.create_subprocess_exec(
                *("bash", "-euo", "pipefail", "-c", commands),
                env=environment,
                stdout=asyncio.subprocess.PIPE,
            )
            output, _ = await shell.communicate()
            assert shell.returncode == 0
            return output.decode()

        answers = await run("".join(before))
        assert '"status"' not in answers
        assert '"active": false' in answers
        assert await client.assignments("p-0001") == set()
        (user,) = (await client.ask("GET", "/Users")).json()["Resources"]
        (group,) = (await client.ask("GET", "/Groups")).json()["Resources"]
        assert group["members"][0]["value"] == user["id"]
        definition = script.partition("\n\n")[0]
        assert await run(f"{definition}\nID={user['id']}\n{last}") == ""
        assert await client.assignments("p-0001") is None
