"""Every kind of page can be used by everybody: axe-core, 320 px, valid HTML."""

import json
import subprocess
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from devstack.artifacts import java
from e2e.portal.gallery import Gallery
from e2e.portal.organisation import Organisation
from e2e.portal.visitor import Visitors
from support.npm_packages import PackageUnavailable, npm_package
from support.stack import unavailable

# Of language, colour scheme and width each two meet, if not on the same page.
LOOKS = {
    "sv": (("light", 1280), ("dark", 320)),
    "en": (("dark", 320), ("light", 1280)),
}
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


@pytest.mark.timeout(480, func_only=True)
async def test_every_kind_of_page_can_be_used_by_everybody(
    visitors: Visitors, organisation: Organisation, tmp_path: Path
) -> None:
    axe = (package("axe") / "axe.min.js").read_text(encoding="utf-8")
    faults: dict[str, list[str]] = {}
    for language in LOOKS:
        looks = cycle(LOOKS[language])
        gallery = Gallery(visitors, organisation, language)  # type: ignore[arg-type]
        async for name, page, html in gallery.pages():
            (tmp_path / f"{name}-{language}.html").write_text(html, encoding="utf-8")
            scheme, width = next(looks)
            if found := await faults_of(page, axe, scheme, width):
                faults[f"{name} {language} {scheme} {width}"] = found
    assert faults == {}
    assert invalid(tmp_path) == []
