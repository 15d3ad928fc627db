"""An operator finds events that a service could not take, mends the cause, and handles them."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
from playwright.async_api import Locator, Page, expect

from devstack import Stack
from e2e.portal.organisation import Services
from e2e.portal.visitor import Visitors
from support.eventually import eventually
from support.stack import signed_in
from support.usable import faults_of, package

PATH = "/operation/dead-letters"
GROUP = "content.units"


@pytest.fixture
async def content(stack: Stack) -> AsyncIterator[asyncpg.Connection]:
    """The content service's database, as its owner."""
    connection = await asyncpg.connect(stack.env["CONTENT_OWNER_DATABASE_URL"])
    yield connection
    await connection.close()


@pytest.fixture
async def fault(content: asyncpg.Connection) -> AsyncIterator[str]:
    """The content service cannot take units whose names begin with this."""
    name = f"Sample {uuid4().hex[:8]}"
    constraint = f"no_{uuid4().hex[:8]}"
    await content.execute(
        f"alter table units add constraint {constraint} check (name not like '{name}%') not valid"
    )
    yield name
    await content.execute(f"alter table units drop constraint if exists {constraint}")


async def mend(content: asyncpg.Connection) -> None:
    query = "select conname from pg_constraint where conrelid = 'units'::regclass and contype = 'c'"
    for row in await content.fetch(f"{query} and conname like 'no\\_%'"):
        await content.execute(f"alter table units drop constraint {row['conname']}")


async def put_aside(page: Page, count: int) -> Locator:
    """The rows of the group's letters, once there are so many."""
    rows = page.get_by_role("row").filter(has_text=GROUP)

    async def there() -> Locator:
        await page.goto(PATH)
        assert await rows.count() == count
        return rows

    return await eventually(there, within=60, pause=0.5)


@pytest.mark.parametrize("with_scripts", [True, False])
async def test_an_operator_sends_a_dead_letter_again_and_discards_another(
    visitors: Visitors,
    services: Services,
    stack: Stack,
    content: asyncpg.Connection,
    fault: str,
    with_scripts: bool,
) -> None:
    first, second = (f"unit-{uuid4().hex[:8]}" for _ in range(2))
    lines = [f"{unit},{fault} {unit},unit,,9" for unit in (first, second)]
    columns = "unit_id,name,kind,parent_id,headcount"
    units = "\n".join([columns, *lines])
    await asyncio.to_thread(services.post, "workflow", "/units/import", units)
    page = await visitors.signed_in("operator", java_script_enabled=with_scripts)
    await page.get_by_role("link", name="Drift").click()
    await page.get_by_role("link", name="Undanlagda händelser").first.click()
    rows = await put_aside(page, 2)
    await expect(rows.first).to_contain_text("IntegrityError")
    assert fault not in await page.content(), "what an event says is never shown"

    axe = (package("axe") / "axe.min.js").read_text(encoding="utf-8")
    if with_scripts:
        assert await faults_of(page, axe, "light", 1280) == []
    await rows.first.get_by_role("link").click()
    if with_scripts:
        assert await faults_of(page, axe, "dark", 320) == []
    await expect(page.get_by_role("heading", level=1)).to_have_text("En undanlagd händelse")
    await expect(page.locator("dl")).to_contain_text("workflow.unit")
    await page.get_by_role("link", name="Undanlagda händelser").last.click()

    await page.get_by_role("button", name="Skicka igen").click()
    await expect(page.get_by_role("alert")).to_contain_text("Välj minst en händelse")
    await mend(content)
    place = await rows.first.locator("code").nth(1).inner_text()
    await rows.first.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Skicka igen").click()
    await expect(page.get_by_role("status")).to_contain_text("Skickade igen: 1")
    await expect(rows).to_have_count(1)

    async def taken() -> list[str]:
        found = await content.fetch("select unit_id from units where name like $1", f"{fault}%")
        assert found
        return [row["unit_id"] for row in found]

    assert len(await eventually(taken)) == 1

    await rows.first.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Kasta för gott").click()
    await expect(page.get_by_role("alert")).to_contain_text("Skriv varför")
    await expect(rows.first.get_by_role("checkbox")).to_be_checked()
    await page.get_by_label("Varför de inte behövs").fill("Sample: enheten användes aldrig.")
    await page.get_by_role("button", name="Kasta för gott").click()
    await expect(page.get_by_role("status")).to_contain_text("Kastade: 1")
    await put_aside(page, 0)
    assert len(await taken()) == 1

    auditor = await visitors.signed_in("auditor", java_script_enabled=with_scripts)
    await auditor.get_by_role("link", name="Ändringslogg").click()
    await auditor.get_by_label("Vad som gjordes").fill("dead_letters.handle")
    await auditor.get_by_label("Med vad").fill(f"dead-letter/{place.replace(' ', '/')}")
    await auditor.get_by_role("button", name="Sök").last.click()
    line = auditor.get_by_role("row").filter(has_text="redrive_dead_letters")
    await expect(line).to_contain_text(account(stack))
    await auditor.get_by_label("Med vad").fill("")
    await auditor.get_by_role("button", name="Sök").last.click()
    discarded = auditor.get_by_role("row").filter(has_text="discard_dead_letters").first
    await expect(discarded).to_contain_text("enheten användes aldrig")


def account(stack: Stack) -> str:
    """The operator's, as the platform's token says it."""
    token = signed_in(stack, "operator")["authorization"].removeprefix("Bearer ")
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["sub"])
