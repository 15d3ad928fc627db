"""An introduction of a few units, led by pages; what managers do comes over the services' APIs."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from e2e.portal.organisation import Services
from e2e.portal.test_administrator import RECORDED, record
from support.eventually import eventually

PILOTS = 4
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@dataclass
class Introduction:
    """`page` is an administrator's. Four units are the pilot, two others follow."""

    page: Page
    services: Services
    key: str = field(default_factory=lambda: f"intro-{uuid4().hex[:6]}")
    address: str = ""

    @property
    def units(self) -> list[str]:
        return [f"{self.key}-{place}" for place in range(PILOTS + 2)]

    @property
    def pilots(self) -> list[str]:
        return self.units[:PILOTS]

    async def import_file(self, kind: str, *lines: str) -> None:
        await self.page.goto("/start")
        await self.page.get_by_role("link", name=f"Importera {kind}").click()
        content = "\n".join(lines).encode()
        file = {"name": "fil.csv", "mimeType": "text/csv", "buffer": content}
        await self.page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
        await self.page.get_by_role("button", name="Se vad den ändrar").click()
        await self.page.get_by_role("button", name="Importera").click()
        await expect(self.page.get_by_role("region", name="Filen är importerad")).to_be_visible()

    async def create(self, template: str) -> None:
        """With a mistake at first."""
        await self.page.goto("/start")
        await self.page.get_by_role("link", name="Skapa ett införande").click()
        await self.page.get_by_label("Namn").fill(f"Hela {self.key}")
        await self.page.get_by_label("Mall").select_option(template)
        pilots = self.page.get_by_label("Pilotens enheter")
        await pilots.fill("\n".join([*self.pilots, "nowhere"]))
        await self.page.get_by_label("Alla enheter").fill(", ".join(self.units))
        await self.page.get_by_role("button", name="Skapa införandet").click()
        fault = self.page.get_by_role("listitem").filter(has_text="Den enheten finns inte")
        await expect(fault).to_contain_text("nowhere")
        await pilots.fill("\n".join(self.pilots))
        await self.page.get_by_role("button", name="Skapa införandet").click()
        await expect(self.page.get_by_role("heading", level=1)).to_contain_text(f"Hela {self.key}")
        self.address = self.page.url

    async def open(self, action: str) -> None:
        """The action's form, once it is possible."""
        link = self.page.get_by_role("main").get_by_role("link", name=action, exact=True)

        async def possible() -> bool:
            await self.page.goto(self.address)
            assert await link.count() == 1, action
            return True

        await eventually(possible, within=90, pause=0.5)
        await link.click()

    async def do(self, action: str, outcome: str = "", **typed: str) -> None:
        """`typed`: texts by label."""
        await self.open(action)
        if outcome:
            await self.page.get_by_label("Utfall").select_option(label=outcome)
        for label, text in typed.items():
            await self.page.get_by_label(label).fill(text)
        await self.page.get_by_role("button", name=action).click()
        await expect(self.page).to_have_url(self.address)

    async def record_prerequisites(self, wave: int) -> None:
        for kind in ("Riskbedömning", "Samverkan"):
            await self.open("Registrera en förutsättning")
            await record(self.page, kind, RECORDED, wave)
            await expect(self.page).to_have_url(self.address)

    async def wave_says(self, wave: int, status: str) -> None:
        row = self.page.get_by_role("region", name="Vågor").get_by_role("row").nth(wave + 1)

        async def says() -> bool:
            await self.page.goto(self.address)
            assert status in await row.inner_text()
            return True

        await eventually(says, within=60, pause=0.5)

    async def close_rounds(self, occasion: str, units: Sequence[str]) -> None:
        """As soon as they are open; nobody answers."""

        def rounds() -> list[str]:
            found = [self.services.get("assessment", f"/rounds?unit_id={unit}") for unit in units]
            ids = [r["round_id"] for f in found for r in f["items"] if r["occasion"] == occasion]
            assert len(ids) == len(units), "not all rounds are open yet"
            return ids

        open_ = await eventually(lambda: asyncio.to_thread(rounds), within=90, pause=0.5)
        for one in open_:
            await asyncio.to_thread(self.services.post, "assessment", f"/rounds/{one}/close", {})

    async def practise(self, manager: Services) -> None:
        """What the pilot's units are asked to do, as soon as they have their modules."""
        for unit in self.pilots:

            async def assigned(unit: str = unit) -> dict[str, Any]:
                found: dict[str, Any] = await asyncio.to_thread(self._progress, unit)
                assert found["assignments"], "no modules yet"
                return found

            progress = await eventually(assigned, within=90, pause=0.5)
            await asyncio.to_thread(self._practise, manager, unit, progress["assignments"])

    def _progress(self, unit: str) -> Any:
        path = f"/units/{unit}/progress?rollout_id={self.rollout_id}"
        return self.services.get("content", path)

    def _practise(
        self, manager: Services, unit: str, assignments: Sequence[dict[str, Any]]
    ) -> None:
        place = {"rollout_id": self.rollout_id, "unit_id": unit}
        day = str(datetime.now(STOCKHOLM).date())
        for one in assignments:
            for item in one["items"]:
                path = f"/assignments/{one['assignment_id']}/items/{item['item_id']}"
                manager.put("content", path, {"status": "done"})
        meeting = {"variant": "30", "held_on": day, "headcount": 7}
        manager.post("content", "/meetings", place | meeting)
        action = {"behaviour": "creativity", "text": "Ett nytt förslag.", "check_back_on": day}
        chosen = manager.post("content", "/actions", place | action)
        checked_back = f"/actions/{chosen['action_id']}/check-back"
        manager.post("content", checked_back, {"outcome": "kept"})

    @property
    def rollout_id(self) -> str:
        return self.address.rpartition("/")[2]
