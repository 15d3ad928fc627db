"""How many bytes are sent for a visit: heads and bodies of a page and its files, compressed."""

import re

import httpx

from bench.figures import Counter
from bench.portal_process import Site

FIRST, NEXT = 45_000, 10_000
"""The most that the first page may take, and each other one."""
_FILE = re.compile(r'(?:href|src)="(/static/[^"]+)"')
_ELSEWHERE, _OWN = "cross-site", "same-origin"


class Visitor:
    """A browser that keeps the files of pages: styles, scripts, the icon. There are no fonts."""

    def __init__(self, client: httpx.AsyncClient, cookie: str = "") -> None:
        self._client, self._cookie = client, cookie
        self._kept: set[str] = set()

    async def visit(self, path: str, site: str = _OWN) -> int:
        """Bytes for a page and for those of its files that are not kept yet. `site`: whose page
        the browser came from."""
        size, page = await self._sent(path, site)
        for address in sorted(set(_FILE.findall(page)) - self._kept):
            file_size, _ = await self._sent(address, _OWN)
            size += file_size
            self._kept.add(address)
        return size

    async def _sent(self, path: str, site: str) -> tuple[int, str]:
        headers = {"accept-encoding": "gzip", "sec-fetch-site": site}
        if self._cookie:
            headers["cookie"] = self._cookie
        answer = await self._client.get(path, headers=headers)
        assert answer.status_code == 200, f"{path} was answered {answer.status_code}"
        head = sum(len(name) + len(value) + len(b": \r\n") for name, value in answer.headers.raw)
        return head + answer.num_bytes_downloaded, answer.text


async def weigh(it: Site) -> list[Counter]:
    """Pages for everybody, and an administrator's; the first of theirs follows on the issuer's."""
    rollout = it.board.removesuffix("/units")
    async with httpx.AsyncClient(base_url=it.url, timeout=30, trust_env=False) as client:
        anybody, administrator = Visitor(client), Visitor(client, it.cookie)
        return [
            Counter("bytes of a first visit, start page", await anybody.visit("/"), FIRST),
            Counter("bytes of the next page, timetable", await anybody.visit("/timetable"), NEXT),
            Counter(
                "bytes of a first visit, signed in",
                await administrator.visit("/start", _ELSEWHERE),
                FIRST,
            ),
            Counter("bytes of the next page, rollout", await administrator.visit(rollout), NEXT),
            Counter("bytes of the next page, board", await administrator.visit(it.board), NEXT),
        ]
