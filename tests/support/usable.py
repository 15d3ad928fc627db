"""Whether a page can be used by everybody: axe-core, 320 px, valid HTML."""

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from devstack.artifacts import java
from support.npm_packages import PackageUnavailable, npm_package
from support.stack import unavailable

_RUN = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html} ${node.failureSummary}`))"""
_TOO_WIDE = """() => {
  const page = document.documentElement;
  return page.scrollWidth > page.clientWidth
    ? [...document.querySelectorAll('body *')]
      .filter(one => one.getBoundingClientRect().right > page.clientWidth
        && !one.closest('.scroll'))
      .map(one => `sideways: ${one.outerHTML.slice(0, 120)}`)
    : [];
}"""


def package(name: str) -> Path:
    try:
        return npm_package(name)
    except PackageUnavailable as error:
        unavailable(str(error))
        raise


async def faults_of(page: Page, axe: str, scheme: Any, width: int) -> list[str]:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.evaluate(axe)
    found: list[str] = await page.evaluate(_RUN)
    await page.set_viewport_size({"width": 320, "height": 800})
    sideways: list[str] = await page.evaluate(_TOO_WIDE)
    return found + sideways


def invalid(folder: Path) -> list[str]:
    """What vnu says of the pages of a folder."""
    jar = package("vnu") / "build" / "dist" / "vnu.jar"
    command = [
        java(),
        "-Xmx400m",
        "-XX:+UseSerialGC",
        "-jar",
        str(jar),
        "--format",
        "json",
        "--skip-non-html",
    ]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True)
    return [
        f"{Path(one['url']).name}: {one['message']} {one.get('extract', '')}"
        for one in json.loads(done.stderr)["messages"]
        if one["type"] != "info" or one.get("subType") == "warning"
    ]
