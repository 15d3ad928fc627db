"""A client that sends each request once, and keeps what every answer was like."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import aiohttp

from demo.api import Api, DemoError, RefusedError, _accepted, _Answer
from demo.ledger import Ledger

GIVES_UP_SECONDS = 40.0  # longer than a service may take


@dataclass(frozen=True)
class Asked:
    """A request and its answer: a `status` of 0 if there was none; `code` of a problem document.

    `begun` is by this process's own timer; `seconds`: from then to the answer.
    """

    what: str
    begun: float
    status: int
    code: str
    seconds: float

    @property
    def failed(self) -> bool:
        return self.status == 0 or self.status >= 500


class OneTry(Api):
    """`asked`: every request, in the order of the answers."""

    def __init__(self, env: Mapping[str, str], ledger: Ledger) -> None:
        super().__init__(env, ledger, tries=1)
        self.asked = list[Asked]()

    @property
    def failed(self) -> list[Asked]:
        """The requests with no answer, or one of 500 and more."""
        return [one for one in self.asked if one.failed]

    async def _until_answered(self, method: str, url: str, what: str, **options: Any) -> _Answer:
        begun, status, code = monotonic(), 0, ""
        patience = aiohttp.ClientTimeout(total=GIVES_UP_SECONDS)
        try:
            async with self._http.request(method, url, timeout=patience, **options) as response:
                answer = _Answer(response.status, await response.read())
                status, code = answer.status, _code(response, answer.content)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DemoError(f"{what} got no answer ({type(error).__name__})") from error
        finally:
            self.asked.append(Asked(what, begun, status, code, round(monotonic() - begun, 2)))
        try:
            return _accepted(answer, what)
        except RefusedError as refusal:
            if refusal.status < 500:
                raise
            raise DemoError(str(refusal)) from refusal


def _code(response: aiohttp.ClientResponse, content: bytes) -> str:
    if response.content_type != "application/problem+json":
        return ""
    return str(json.loads(content)["code"])
