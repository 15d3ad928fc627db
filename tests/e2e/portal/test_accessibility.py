"""Every kind of page can be used by everybody: axe-core, 320 px, valid HTML."""

from itertools import cycle
from pathlib import Path

import pytest

from e2e.portal.gallery import Gallery
from e2e.portal.organisation import Organisation
from e2e.portal.visitor import Visitors
from support.usable import faults_of, invalid, package

# Of language, colour scheme and width each two meet, if not on the same page.
LOOKS = {
    "sv": (("light", 1280), ("dark", 320)),
    "en": (("dark", 320), ("light", 1280)),
}


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
