"""HTTP: the audit trail of a service, for auditors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, Field, SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from servicekit.access import may
from servicekit.audit_heads import HeadSigner
from servicekit.auth import Principal
from servicekit.csv_answer import WantsCsv, also_csv, csv_answer, every
from servicekit.csv_export import Cell
from servicekit.db import Transaction
from servicekit.paging import Page, PageQuery, PageRequest

Auditor = Annotated[Principal, may("audit.read")]
_COLUMNS = ("seq", "at", "account", "on_behalf_of", "action", "subject", "details")
_EXAMPLE: tuple[Cell, ...] = (
    1204,
    "2026-09-01T08:00:00+00:00",
    "6f1c2b1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
    "",
    "rounds.extend/extend_round",
    "round/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21",
    '{"after":{"closes_at":"2026-09-15T15:00:00Z"},"before":{"closes_at":"2026-09-08T15:00:00Z"},'
    '"reason":"Many were on leave.","subject":"round/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"}',
)
_CONDITIONS = {
    "account": """
        (account = :account or string_to_array(on_behalf_of, ' ') @> array[cast(:account as text)])
    """,
    "action": "(action = :action or starts_with(action, :action || '/'))",
    "subject": "subject = :subject",
    "since": "at >= :since",
    "until": "at < :until",
}


class AuditLineBody(BaseModel):
    """Something that somebody did."""

    seq: int = Field(examples=[1204])
    at: datetime
    account: str = Field(description="The claim `sub` of who did it.")
    on_behalf_of: str = Field(description="The account they stood in for; empty for nobody's.")
    action: str = Field(description="The permission that it needed, and the operation of this API.")
    subject: str | None = Field(
        description="What they did it to; null if the details were erased.",
        examples=["round/3f2b8c1e-8d0a-4c57-9d0e-5a1f0c6b7e21"],
    )
    details: str | None = Field(
        description="Canonical JSON (RFC 8785): `subject`, `before`, `after` and `reason`."
    )
    hash: str = Field(description="SHA-256 over this line and the hash of the line before.")

    def row(self) -> tuple[Cell, ...]:
        """As a row of a file with the columns _COLUMNS."""
        at = self.at.isoformat()
        who = (self.account, self.on_behalf_of)
        return self.seq, at, *who, self.action, self.subject, self.details


def audit_router(signing_keys: Sequence[SecretStr]) -> APIRouter:
    """`/audit` of a service."""
    router = APIRouter(tags=["audit"])
    signer = HeadSigner(signing_keys)

    @router.get(
        "/audit",
        response_model=Page[AuditLineBody],
        responses=also_csv(_COLUMNS, _EXAMPLE),
    )
    async def list_audit_lines(
        request: Request,
        caller: Auditor,
        page: PageQuery,
        as_csv: WantsCsv,
        account: Annotated[str | None, Query(max_length=255)] = None,
        action: Annotated[str | None, Query(max_length=100)] = None,
        subject: Annotated[str | None, Query(max_length=255)] = None,
        since: AwareDatetime | None = None,
        until: AwareDatetime | None = None,
    ) -> Page[AuditLineBody] | Response:
        """Who changed what, when and why, latest first.

        `account` finds what somebody did, also in another's place. `action` is
        a permission, or one with its operation. With `Accept: text/csv` all in one file.
        """
        chosen = {
            "account": account,
            "action": action,
            "subject": subject,
            "since": since,
            "until": until,
        }
        async with _uow(request).at_one_moment() as uow:

            async def read(part: PageRequest) -> tuple[list[AuditLineBody], int]:
                return await _page(uow.connection, chosen, part)

            if as_csv:
                rows = [line.row() for line in await every(read)]
                return await csv_answer("audit", _COLUMNS, rows)
            found, total = await read(page)
        return page.holding(found, total)

    @router.get("/audit/key", response_description="The keys as JWKs (RFC 8037), newest first.")
    async def get_audit_keys(caller: Auditor) -> dict[str, Any]:
        """The public keys that verify the signed ends of this audit trail."""
        return {"keys": signer.public_keys}

    return router


async def _page(
    connection: AsyncConnection, chosen: dict[str, Any], page: PageRequest
) -> tuple[list[AuditLineBody], int]:
    given = {name: value for name, value in chosen.items() if value is not None}
    part = {"offset": page.offset, "limit": page.limit}
    lines = " and ".join(["from audit_lines where true", *(_CONDITIONS[name] for name in given)])
    page_of = text(f"select * {lines} order by seq desc offset :offset limit :limit")
    rows = await connection.execute(page_of, {**given, **part})
    total = (await connection.execute(text(f"select count(*) {lines}"), given)).scalar_one()
    return [AuditLineBody.model_validate(row, from_attributes=True) for row in rows], total


def _uow(request: Request) -> Transaction:
    uow: Transaction = request.app.state.app.uow()
    return uow
