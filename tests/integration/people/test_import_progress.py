"""How far an import is can be read while it is under way, by the one who sent it."""

import asyncio

from integration.people.service import HEADER, Service
from support.eventually import eventually

PATH = "/persons/import/progress?key=file-1"


async def test_the_progress_is_seen_before_the_import_ends(service: Service) -> None:
    lines = [f"p-{n:05},Exempelperson {n:05},,sv,employee,unit-{n % 50}" for n in range(6_000)]
    sending = asyncio.create_task(
        service.ask(
            "POST",
            "/persons/import",
            key="file-1",
            content="\n".join([HEADER, *lines]).encode(),
            headers={"content-type": "text/csv"},
        )
    )

    async def storing() -> bool:
        assert not sending.done()
        answer = await service.ask("GET", PATH)
        assert answer.status_code == 200, "the import has not begun"
        progress = answer.json()
        assert progress["step"] == "storing", progress
        return bool(0 <= progress["done"] <= progress["total"] == 6_000)

    await eventually(storing, within=60)
    assert (await sending).status_code == 200
    done = (await service.ask("GET", PATH)).json()
    assert (done["step"], done["done"], done["total"]) == ("done", 6_000, 6_000)
    assert (await service.ask("GET", PATH, as_="second-administrator")).status_code == 404


async def test_an_import_that_is_refused_says_so(service: Service) -> None:
    refused = await service.ask(
        "POST",
        "/persons/import",
        key="file-1",
        content=f"{HEADER}\np-1,,,sv,employee,unit-1".encode(),
        headers={"content-type": "text/csv"},
    )
    assert refused.status_code == 422
    assert (await service.ask("GET", PATH)).json()["step"] == "refused"
