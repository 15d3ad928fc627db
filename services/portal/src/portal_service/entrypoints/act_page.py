"""The page of an act: what follows from it, its form, and what was refused."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from fastapi import Request, Response

from portal_service.application.ports import ServiceRefused
from portal_service.domain.acts import Act, body_of, faults_in
from portal_service.domain.forms import sent_key
from portal_service.entrypoints.app import app_of
from portal_service.entrypoints.typed import typed_of

Send = Callable[[dict[str, Any], str], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class ActPage:
    """`back`: address and text of the page before. `about`: what or whom it concerns, and `code`
    what systems call it. `choices`: by field, its values and texts, where they are data."""

    request: Request
    act: Act
    back: tuple[str, str]
    about: str = ""
    code: str = ""
    choices: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    template: str = "act"
    shown: Mapping[str, Any] = field(default_factory=dict)
    """What the template needs besides."""

    def show(
        self,
        typed: Mapping[str, str],
        wrong: Sequence[str] = (),
        refusal: ServiceRefused | None = None,
    ) -> Response:
        """`wrong`: the fields that are empty or cannot be read."""
        return app_of(self.request).pages.render(
            self.request,
            self.template,
            status=refusal.status if refusal else 422 if wrong else 200,
            act=self.act,
            back=self.back,
            about=self.about,
            code=self.code,
            choices=self.choices,
            typed=typed,
            wrong=wrong,
            faults=faults_in(self.act, refusal.errors) if refusal else [],
            refusal=refusal,
            key=str(uuid4()),
            **self.shown,
        )

    async def perform(self, send: Send) -> Response | None:
        """Send what was typed. None if it was done; else the page with what was typed and why."""
        typed = await typed_of(self.request)
        body, wrong = body_of(self.act, typed)
        if wrong:
            return self.show(typed, wrong)
        try:
            await send(body, sent_key(typed.get("sent", "")))
        except ServiceRefused as refusal:
            return self.show(typed, refusal=refusal)
        return None
