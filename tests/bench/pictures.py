"""What a browser has to do for live changes: a board is open while units are paused one by one."""

import asyncio
import time
from dataclasses import dataclass

from playwright.async_api import CDPSession

from bench.portal_process import Site
from e2e.portal.visitor import Visitors
from support.browser import executable, launched
from workflow_service.domain.rollout.commands import PauseUnit

CHANGES = 10
ELEMENTS = 80
"""That ten changes may replace, on whatever machine."""
_QUIET_SECONDS = 1.5  # After an event, a page's stream waits for a second.
_FOLLOWS = "() => !document.querySelector('#as-of .live').hidden"
_PAUSED = """
    count => document.querySelector('.legend .sign-paused').closest('li')
        .textContent.trim().endsWith(`: ${count}`)
"""
_WATCH = """() => {
    window.replaced = 0;
    const count = node => node.nodeType === 1 ? 1 + node.querySelectorAll('*').length : 0;
    new MutationObserver(changes => {
        for (const change of changes)
            for (const node of change.addedNodes) window.replaced += count(node);
    }).observe(document.querySelector('main'), { childList: true, subtree: true });
}"""
_REPLACE_ALL = """async times => {
    for (let time = 0; time < times; time++) {
        for (const part of document.querySelectorAll('main section'))
            part.replaceWith(part.cloneNode(true));
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
    }
}"""


@dataclass(frozen=True)
class Shown:
    """`seconds`: from the commit of each change until the page shows it. `style_seconds`: what the
    browser needed in all to calculate styles for them, `bare_seconds` if all sections of the page
    are replaced as often. `elements`: how many were new in all."""

    seconds: list[float]
    style_seconds: float
    bare_seconds: float
    elements: int


async def live_changes(it: Site) -> Shown:
    """Ten changes, after one that is not counted; no unit is paused before."""
    units = (await it.rollout.first_wave())[: CHANGES + 1]
    async with (
        launched(*executable()) as browser,
        Visitors(browser, it.url) as visitors,
    ):
        page = await visitors.signed_in("administrator", it.board)
        await page.wait_for_function(_FOLLOWS)
        metrics = await page.context.new_cdp_session(page)
        await metrics.send("Performance.enable")
        seconds, before = [], 0.0
        for number, unit in enumerate(units):
            await asyncio.sleep(_QUIET_SECONDS)
            if number == 1:
                await page.evaluate(_WATCH)
                before = await _style_seconds(metrics)
            await it.rollout.act(PauseUnit(unit, "bench"))
            committed = time.perf_counter()
            await page.wait_for_function(_PAUSED, arg=number + 1)
            seconds.append(time.perf_counter() - committed)
        after, elements = await _style_seconds(metrics), await page.evaluate("replaced")
        await page.evaluate(_REPLACE_ALL, CHANGES)
        bare = await _style_seconds(metrics) - after
        return Shown(seconds[1:], after - before, bare, elements)


async def _style_seconds(metrics: CDPSession) -> float:
    found = await metrics.send("Performance.getMetrics")
    values = {one["name"]: one["value"] for one in found["metrics"]}
    return float(values["RecalcStyleDuration"])
