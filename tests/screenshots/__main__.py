"""Pictures of the portal's main pages, of a demo that was kept: make demo ARGS=--keep."""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from devstack import CHECKOUT, Stack, StackError
from e2e.portal.gallery import Gallery, Language
from e2e.portal.organisation import Organisation, Services, founded
from e2e.portal.visitor import Visitors
from support.browser import PHONE, executable, launched

DESKTOP = {"width": 1280, "height": 900}
Pages = AsyncIterator[tuple[str, Page]]
LANGUAGES: tuple[Language, ...] = ("sv", "en")
LOOKS: Mapping[str, dict[str, Any]] = {
    "light": {"viewport": DESKTOP, "color_scheme": "light"},
    "dark": {"viewport": DESKTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "color_scheme": "light"},
}
README = {
    "method": "light",
    **{f"demo-{part}": "light" for part in ("rollout", "board", "unit", "operation")},
    "questions": "phone",
}
"""Those that the README shows, and how: in English."""


async def main() -> int:
    arguments = _arguments()
    stack = Stack(arguments.directory)
    try:
        stack.state  # noqa: B018 - it says whether the stack runs
    except StackError as error:
        print(f"screenshots: {error}, and 'make demo ARGS=--keep' a filled one", file=sys.stderr)
        return 1
    count = 0
    async with launched(*executable()) as browser:
        for pages in (_finished, _EveryKind()):
            for (look, options), language in product(LOOKS.items(), LANGUAGES):
                async with Visitors(browser, stack.env["PORTAL_URL"], **options) as visitors:
                    async for name, page in pages(visitors, stack, language):
                        await _take(page, arguments.out / f"{name}.{language}.{look}.png")
                        count += 1
                        print(f"{count:4} {name} ({language}, {look})", flush=True)
                        if language == "en" and README.get(name) == look:
                            await _take(page, CHECKOUT / "docs" / "pictures" / f"{name}.png")
    print(f"{count} pictures in {arguments.out}; the README's in docs/pictures")
    return 0


async def _finished(visitors: Visitors, stack: Stack, language: Language) -> Pages:
    """The introduction that the demo has completed."""
    page = await visitors.signed_in("administrator")
    rollout, unit = await asyncio.to_thread(_pilot, Services(stack))
    for name, path, part in (
        ("demo-rollout", f"/rollouts/{rollout}", ""),
        ("demo-board", f"/rollouts/{rollout}/units", ""),
        ("demo-unit", f"/units/{unit}", "#results"),
        ("demo-brief", f"/units/{unit}/brief", ""),
        ("demo-timetable", "/timetable", ""),
        ("demo-operation", "/operation", ""),
    ):
        await page.goto(f"{path}?language={language}{part}")
        yield name, page


def _pilot(services: Services) -> tuple[str, str]:
    """The demo's rollout and one of its pilots."""
    listed = services.get("workflow", "/rollouts")["items"]
    (rollout,) = [one["rollout_id"] for one in listed if one["status"] == "completed"]
    journeys = services.get("workflow", f"/rollouts/{rollout}/journeys")["items"]
    return rollout, min(one["unit_id"] for one in journeys if one["wave"] == 0)


class _EveryKind:
    """Every kind of page, of units whose journeys are under way."""

    def __init__(self) -> None:
        self._organisation: Organisation | None = None

    async def __call__(self, visitors: Visitors, stack: Stack, language: Language) -> Pages:
        self._organisation = self._organisation or await founded(stack)
        async for name, page, _ in Gallery(visitors, self._organisation, language).pages():
            yield name, page


async def _take(page: Page, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=path, full_page=path.parent.name != "pictures")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    directory = CHECKOUT / ".stack" / "demo"
    parser.add_argument("--directory", type=Path, default=directory, help="the stack's files")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "screenshots", help="where to")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
