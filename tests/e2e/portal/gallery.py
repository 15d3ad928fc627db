"""Pages of the portal over the real stack, one after another, as the people see them whom they are
for. Every page, with sample answers, is looked at by tests/integration/portal/test_usable.py."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Literal

from playwright.async_api import Page

from e2e.portal.organisation import DATA, EMPLOYEES, MANAGER, Organisation
from e2e.portal.visitor import Visitors
from portal_service.entrypoints.http.units import today

Language = Literal["sv", "en"]


class Gallery:
    """Yields (name, page, its HTML as the portal sent it)."""

    def __init__(self, visitors: Visitors, organisation: Organisation, language: Language) -> None:
        self._visitors, self._organisation = visitors, organisation
        self._language = f"language={language}"

    async def pages(self) -> AsyncIterator[tuple[str, Page, str]]:
        for kinds in (
            *(self._public, self._employee, self._manager),
            *(self._administrator, self._by_hand, self._operation),
        ):
            async for kind in kinds():
                yield kind

    async def _public(self) -> AsyncIterator[tuple[str, Page, str]]:
        page = await self._visitors.somebody()
        yield "method", page, await self._open(page, "/")
        for name in ("behaviours", "timetable", "answers", "search"):
            yield name, page, await self._open(page, f"/{name}")
        yield "accessibility", page, await self._open(page, "/about/accessibility")
        yield "cookies", page, await self._open(page, "/about/cookies")
        yield "unknown", page, await self._open(page, "/nowhere")
        yield "not-signed-in", page, await self._open(page, "/sign-in/answer")

    async def _employee(self) -> AsyncIterator[tuple[str, Page, str]]:
        page = await self._visitors.signed_in(f"person:{EMPLOYEES[3]}")
        yield "start-of-employee", page, await self._open(page, "/start")
        yield "self-test", page, await self._open(page, "/self-test")
        questions = f"/rounds/{self._organisation.round_id}"
        yield "questions", page, await self._open(page, questions)
        yield "questions-missing", page, await self._send(page)
        for choice in await page.locator('fieldset input[value="4"]').all():
            await choice.check()
        yield "check", page, await self._send(page)
        yield "profile", page, await self._send(page)
        yield "forbidden", page, await self._open(page, f"/units/{self._organisation.practising}")

    async def _manager(self) -> AsyncIterator[tuple[str, Page, str]]:
        page = await self._visitors.signed_in(f"person:{MANAGER}")
        for which, unit in (("open", "answering"), ("under-way", "practising")):
            address = f"/units/{getattr(self._organisation, unit)}"
            yield f"unit-{which}", page, await self._open(page, address)
        yield "brief", page, await self._open(page, f"{address}/brief")
        yield "deputies", page, await self._open(page, "/deputies")

    async def _administrator(self) -> AsyncIterator[tuple[str, Page, str]]:
        page = await self._visitors.signed_in("administrator")
        yield "start-of-administrator", page, await self._open(page, "/start")
        yield "operation", page, await self._open(page, "/operation")
        yield "articles", page, await self._open(page, "/articles")
        yield "inbox", page, await self._open(page, "/inbox")
        yield "ask", page, await self._open(page, "/ask")
        yield "article-form", page, await self._open(page, "/articles/new")
        for name, address in self._library():
            yield name, page, await self._open(page, address)
        await self._open(page, f"/modules/{self._organisation.key}/draft")
        yield "module-form-row", page, await self._send(page, 'button[name="add"]')
        yield "module-form-faults", page, await self._send(page)
        await self._open(page, "/templates/new")
        yield "template-form-faults", page, await self._send(page)
        yield "rollout-form", page, await self._open(page, "/rollouts/new")
        for field in ("name", "pilots"):
            await page.locator(f"#{field}").fill("x y")
        yield "rollout-form-faults", page, await self._send(page)
        rollout = f"/rollouts/{self._organisation.rollouts[1]}"
        html = await self._open(page, rollout)
        await page.locator("details").first.locator("summary").click()
        yield "rollout", page, html
        yield "board", page, await self._open(page, f"{rollout}/units")
        for kind in ("units", "persons"):
            yield f"import-{kind}", page, await self._open(page, f"/imports/{kind}")
            file = (DATA / f"{kind}.csv").read_bytes()
            for name, content in (("preview", file), ("faults", file + b"x,y\n")):
                await self._open(page, f"/imports/{kind}")
                chosen = {"name": f"{kind}.csv", "mimeType": "text/csv", "buffer": content}
                await page.locator("#file").set_input_files(chosen)  # type: ignore[arg-type]
                yield f"{name}-{kind}", page, await self._send(page)
        yield "codes", page, await self._open(page, "/codes")
        codes = f"/rounds/{self._organisation.round_id}/codes"
        yield "codes-form", page, await self._open(page, codes)
        await page.locator('input[value="slips"]').check()
        await page.locator("#count").fill("1000")
        yield "codes-refused", page, await self._send(page)
        yield "form", page, await self._open(page, f"{rollout}/actions/record_prerequisite")
        yield "form-missing", page, await self._send(page)
        await page.locator("#wave").fill("0")
        await page.locator("#reference").fill("RV 3")
        await page.locator("#recorded_on").fill("2031-01-02")
        yield "form-refused", page, await self._send(page)

    async def _by_hand(self) -> AsyncIterator[tuple[str, Page, str]]:
        page = await self._visitors.signed_in("administrator")
        rollout, unit = self._organisation.rollouts[1], self._organisation.practising
        round_ = f"/rounds/{self._organisation.round_id}"
        person = f"/persons/{MANAGER}"
        for name, address in (
            ("rounds", "/rounds"),
            ("round-close", f"{round_}/close"),
            ("report-groups", f"/rollouts/{rollout}/report-groups"),
            ("persons", "/persons"),
            ("person", person),
            ("person-change", f"{person}/change"),
            ("role-give", "/roles/give"),
            ("erasures", "/erasures"),
            ("erase", "/erasures/new"),
            ("unit-changes", "/unit-changes"),
            ("instrument-new", "/instruments/new"),
        ):
            yield name, page, await self._open(page, address)
        await self._open(page, f"{round_}/extend")
        await page.locator("#reason_without_names").fill("RV 5")
        await page.locator("#closes_at").fill("2020-01-02T10:00")
        yield "round-extend-refused", page, await self._send(page)
        await self._open(page, "/unit-changes/new/dissolve", f"unit_id={unit}")
        await page.locator("#effective_on").fill("2020-01-02")
        await page.locator("#reason").fill("RV 6")
        yield "unit-change-refused", page, await self._send(page)
        await page.locator("#effective_on").fill(str(today() + timedelta(days=9)))
        yield "unit-change-preview", page, await self._send(page)
        await self._open(page, f"/rollouts/{rollout}/modules", f"unit_id={unit}")
        yield "modules-missing", page, await self._send(page, 'button[value="preview"]')
        await page.locator(f'[name="module-{self._organisation.key}"]').check()
        yield "modules-preview", page, await self._send(page, 'button[value="preview"]')

    def _library(self) -> Iterator[tuple[str, str]]:
        key = self._organisation.key
        yield "library", "/library"
        for kind in ("modules", "instruments", "templates"):
            yield kind, f"/{kind}"
            yield f"one-of-{kind}", f"/{kind}/{key}/versions/1"
        for kind in ("instruments", "templates"):
            yield f"next-of-{kind}", f"/{kind}/{key}/versions/1/next"
        yield "module-form", f"/modules/{key}/draft"
        yield "module-preview", f"/modules/{key}/draft/preview"
        yield "mappings", "/imports/persons/mappings"

    async def _operation(self) -> AsyncIterator[tuple[str, Page, str]]:
        operator = await self._visitors.signed_in("operator")
        yield "dead-letters", operator, await self._open(operator, "/operation/dead-letters")
        problems = await self._open(operator, "/operation/open-problems")
        yield "open-problems", operator, problems
        yield "webhooks", operator, await self._open(operator, "/operation/webhooks")
        auditor = await self._visitors.signed_in("auditor")
        yield "audit", auditor, await self._open(auditor, "/operation/audit")

    async def _open(self, page: Page, address: str, query: str = "") -> str:
        answer = await page.goto(f"{address}?{query}&{self._language}")
        assert answer is not None
        return await answer.text()

    async def _send(self, page: Page, button: str = "main form button") -> str:
        """Send the page's form, by the last button of a kind."""
        async with page.expect_response(lambda one: one.request.method == "POST") as answered:
            await page.locator(button).last.click()
        answer = await answered.value
        await page.wait_for_load_state()
        return await answer.text()
