"""What everybody works with and reads: the instrument, the modules, the articles."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from demo.api import Api
from demo.organisation import DATA
from demo.progress import Progress

EDITOR = "administrator"
_UNTIL_REVIEW = timedelta(days=180)


async def publish(api: Api, progress: Progress) -> None:
    """Publish all of it, as the files have it."""
    instrument = _read("instrument.json")
    await api.post(EDITOR, "assessment", "/instruments", instrument, kind="instrument")
    files = sorted((DATA / "modules").glob("*.json"))
    for file in files:
        module = _read(f"modules/{file.name}")
        name = module["module_id"]
        await api.post(EDITOR, "content", "/modules", module, kind="module", about=name)
        path = f"/modules/{name}/publish"
        await api.post(EDITOR, "content", path, kind="publish", about=name)
    articles = _read("articles.json")
    await asyncio.gather(*(_publish_article(api, article) for article in articles))
    progress.say(f"instrument, {len(files)} modules and {len(articles)} articles published")


async def _publish_article(api: Api, article: dict[str, Any]) -> None:
    """Write it, have it reviewed, publish it."""
    name = article["article_id"]
    if article["kind"] == "question":
        review_by = datetime.now(UTC).date() + _UNTIL_REVIEW
        article = {**article, "review_by": review_by.isoformat()}
    state = await api.post(EDITOR, "content", "/articles", article, kind="article", about=name)
    for step in ("submit", "publish"):
        meant = {"expected_version": state["version"]}
        path = f"/articles/{name}/{step}"
        state = await api.post(EDITOR, "content", path, meant, kind="article", about=name)


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))
