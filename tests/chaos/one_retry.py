"""A client that sends a request a second time if the first got no answer, and then gives up."""

import asyncio
from collections.abc import Mapping
from typing import Any

from demo.api import Api, DemoError, RefusedError
from demo.ledger import Ledger


class OneRetry(Api):
    """`failed`: the requests that got no answer, or an answer of 500 and more, with the reason."""

    def __init__(self, env: Mapping[str, str], ledger: Ledger) -> None:
        super().__init__(env, ledger, tries=2)
        self.asked, self.failed = 0, list[str]()
        self._portal = env["PORTAL_URL"]

    async def _until_answered(self, method: str, url: str, what: str, **options: Any) -> Any:
        self.asked += 1
        try:
            return await super()._until_answered(method, url, what, **options)
        except RefusedError as refusal:
            if refusal.status >= 500:
                self.failed.append(str(refusal))
            raise
        except DemoError as error:
            self.failed.append(str(error))
            raise

    async def open_pages(self) -> None:
        """Open a page of the portal again and again, until cancelled."""
        while True:
            await self._until_answered("GET", f"{self._portal}/timetable", "GET portal/timetable")
            await asyncio.sleep(0.25)
