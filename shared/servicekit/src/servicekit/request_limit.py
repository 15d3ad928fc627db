"""How many requests one person, one service of the platform or one address may send.

In the memory of each process, for a minute at most. A token that was verified before says who it
is; all other requests, and so those with wrong tokens, count for the address that they come from.
"""

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
from servicekit.rate import Rate
from servicekit.settings import Limits

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
        self._rates = {
            "person": Rate(limits.per_person, clock),
            "service": Rate(limits.per_service, clock),
            "address": Rate(limits.per_address, clock),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(QUIET):
            kind, key = self._who(scope)
            if seconds := self._rates[kind].wait(key):
                if not self._is_unmeasured(scope):
                    REQUESTS_REFUSED.labels(kind).inc()
                await self._refusal(Request(scope), ceil(seconds))(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _who(self, scope: Scope) -> tuple[str, str]:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, token = value.partition(b" ")
                caller = self._authenticator.known(token.decode("latin-1"))
                if caller and scheme.lower() == b"bearer":
                    kind = "service" if caller.has(_SERVICE) else "person"
                    return kind, f"{caller.issuer} {caller.subject}"
        client = scope.get("client")
        return "address", place_of(client[0]) if client else ""
