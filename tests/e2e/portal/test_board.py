"""An administrator looks through the units of a rollout: one filter for all that is shown."""

import csv
import io

from playwright.async_api import expect

from e2e.portal.organisation import Organisation
from e2e.portal.visitor import Visitors


async def test_one_filter_for_picture_table_and_file(
    visitors: Visitors, organisation: Organisation
) -> None:
    page = await visitors.signed_in("administrator", f"/rollouts/{organisation.rollouts[1]}")
    await page.get_by_role("link", name="Visa alla enheter").click()
    rows = page.get_by_role("table").locator('th[scope="row"]')
    await expect(rows).to_have_count(2)
    picture = page.get_by_role("img", name="Alla enheter efter status")
    await expect(picture).to_be_visible()
    await expect(picture.locator("path")).to_have_count(2)

    await page.get_by_label("Gruppera efter").select_option("branch")
    await page.get_by_label("I namn eller id").fill("ÖVANDE")
    await page.get_by_role("button", name="Visa").click()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Övande")
    await expect(picture.locator("path")).to_have_count(1)
    await expect(page.get_by_label("Gruppera efter")).to_have_value("branch")

    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Spara enheterna som en fil").click()
    file = await (await saved.value).path()
    lines = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    assert [line["unit_id"] for line in lines] == [organisation.practising]

    await page.emulate_media(media="print")
    await expect(picture).to_be_visible()
    for hidden in ("header", "footer", "form.filter"):
        await expect(page.locator(hidden)).to_be_hidden()
    await page.emulate_media(media="screen")

    await page.get_by_role("link", name="Visa alla", exact=True).click()
    await expect(rows).to_have_count(2)
