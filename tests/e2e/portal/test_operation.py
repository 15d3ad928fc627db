"""An operator sees that a worker was killed, and that it is back."""

from playwright.async_api import Locator, Page, expect

from devstack import Stack
from e2e.portal.visitor import Visitors
from support.eventually import eventually

WORKER = "content-worker"


def row(page: Page) -> Locator:
    table = page.get_by_role("group", name="Tabell över processer")
    return table.get_by_role("row").filter(has_text=WORKER)


async def test_a_killed_worker_is_missed_until_it_is_back(visitors: Visitors, stack: Stack) -> None:
    page = await visitors.signed_in("operator")
    await page.get_by_role("link", name="Drift").click()
    for name in ("portal-web", "workflow-temporal", "notification-api", WORKER):
        await expect(page.get_by_role("row").filter(has_text=name).first).to_be_visible()

    async def restarts() -> int:
        return int(await row(page).get_by_role("cell").nth(4).inner_text())

    async def says(state: str, count: int) -> bool:
        await page.get_by_role("link", name="ladda den igen").click()
        await expect(row(page)).to_have_count(1, timeout=500)
        await expect(row(page).get_by_role("cell").first).to_contain_text(state, timeout=500)
        assert await restarts() == count
        return True

    before = await restarts()  # Other tests may have killed it too.
    await eventually(lambda: says("Fungerar", before), within=60, pause=0.5)
    stack.kill(WORKER)
    hold = stack.directory / "hold" / WORKER
    hold.parent.mkdir(exist_ok=True)
    hold.touch()  # It is not started again.
    try:
        await eventually(lambda: says("Borta", before), within=60, pause=1)
        missing = page.get_by_role("listitem").filter(has_text="syns inte längre")
        await expect(missing).to_contain_text(WORKER)
        await expect(missing).to_contain_text("docs/runbooks/operation.md")
    finally:
        await stack.start(WORKER)
    await eventually(lambda: says("Fungerar", before + 1), within=60, pause=0.5)
    await expect(missing).to_have_count(0)
