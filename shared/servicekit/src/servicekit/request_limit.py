"""How many requests one person, one service of the platform or one address may send.

And how many requests of one person are under way at a time: more wait for their turn.

In the memory of each process, for a minute at most. A token that was verified before says who it
is; all other requests, and so those with wrong tokens, count for the address that they come from.
"""

import asyncio
from collections.abc import Callable
from math import ceil
from time import monotonic

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from servicekit.auth import Authenticator
from servicekit.client_place import place_of
from servicekit.http_metrics import QUIET
from servicekit.metrics import REQUESTS_REFUSED
from servicekit.problems import render
from servicekit.rate import BURST_SECONDS, Rate
from servicekit.settings import Limits
from servicekit.turns import Turns

_SERVICE = "service"  # the role of the platform's own services


def too_many(request: Request, seconds: int) -> Response:
    """The problem, with the time to wait."""
    detail = f"Too many requests. Send the next in {seconds} seconds."
    headers = {"retry-after": str(seconds)}
    return render(request, 429, "too-many-requests", detail, headers=headers)


class RequestLimit:
    """Middleware that refuses a request before its body is read; health and metrics never.

    `is_unmeasured` names requests whose refusals are not counted. `refusal` makes the answer.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        authenticator: Authenticator,
        is_unmeasured: Callable[[Scope], bool],
        refusal: Callable[[Request, int], Response] = too_many,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._authenticator = app, authenticator
        self._is_unmeasured, self._refusal = is_unmeasured, refusal
        self._turns = Turns(limits.at_once)
        self._rates = {
            "person": Rate(limits.per_person, clock),
            "service": Rate(limits.per_service, clock),
            "address": Rate(limits.per_address, clock),
        }
        self._will_forget = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(QUIET):
            await self._app(scope, receive, send)
            return
        kind, key, turn = self._who(scope)
        if not self._will_forget:
            self._forget_soon()
        if seconds := self._rates[kind].wait(key):
            if not self._is_unmeasured(scope):
                REQUESTS_REFUSED.labels(kind).inc()
            await self._refusal(Request(scope), ceil(seconds))(scope, receive, send)
        elif turn:
            await self._turns.take(turn)
            try:
                await self._app(scope, receive, send)
            finally:
                self._turns.give_back(turn)
        else:
            await self._app(scope, receive, send)

    def _forget_soon(self) -> None:
        self._will_forget = True
        asyncio.get_running_loop().call_later(BURST_SECONDS, self._forget)

    def _forget(self) -> None:
        """Those whose time is over, also if nobody sends anything any more."""
        for rate in self._rates.values():
            rate.forget()
        self._will_forget = False
        if self._authenticator.forget_expired() or any(map(len, self._rates.values())):
            self._forget_soon()

    def _who(self, scope: Scope) -> tuple[str, str, str]:
        """(limit, who has it, who takes turns: nobody if it is empty)"""
        token = ""
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = value.decode("latin-1").partition(" ")[2]
                if caller := self._authenticator.known(token):
                    who = f"{caller.issuer} {caller.subject}"
                    return ("service", who, "") if caller.has(_SERVICE) else ("person", who, who)
        client = scope.get("client")
        return "address", place_of(client[0]) if client else "", token
