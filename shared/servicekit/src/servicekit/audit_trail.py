"""The audit trail: who changed what, on whose behalf, when and why.

Lines are written in the transaction of their effect. Each one's hash covers the line before:
whoever changes or removes one has to change all that follow, and those are signed and published
(`servicekit.audit_heads`). Details can be erased, because the hash covers their digest only.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, Self

import rfc8785
from pydantic_core import to_jsonable_python
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

START = "0" * 64
"""What the first line's hash covers in place of a line before it."""

_IN_THREAD = 500  # changes; more are described and chained in a thread, as others are served
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtext('audit_lines'))")
_ERASE = text("select audit_erase(cast(:lines as bigint[]))")
_LAST = text("""
    select clock_timestamp() as now,
        (select seq from audit_lines order by seq desc limit 1) as seq,
        (select hash from audit_lines order by seq desc limit 1) as hash
""")
_INSERT = text("""
    insert into audit_lines
        (seq, at, account, on_behalf_of, action, subject, details, salt, digest, hash)
    values
        (:seq, :at, :account, :on_behalf_of, :action, :subject, :details, :salt, :digest, :hash)
""")


class Actor(Protocol):
    """Who acts, and on whose behalf (empty for their own), as accounts of the platform's tokens."""

    @property
    def subject(self) -> str: ...

    @property
    def on_behalf_of(self) -> str: ...

    def acting_in(self, unit_id: str, path: Collection[str]) -> "Actor":
        """Them in a unit, where they may stand in for others than elsewhere; `path` has it and all
        units above it."""


@dataclass(frozen=True, slots=True)
class Account:
    """An actor as a command carries it."""

    subject: str
    on_behalf_of: str = ""

    def acting_in(self, unit_id: str, path: Collection[str]) -> Self:
        return self


@dataclass(frozen=True, slots=True)
class Change:
    """What somebody did.

    `action` is the permission that they needed and the operation of the API, as
    `rounds.extend/extend_round`. `subject` is what they did it to, as `round/<id>`. `before` and
    `after` are what changed, by name: never answers, free texts, secrets, or addresses that hold
    one. `reason` is what the API asked for as such. `unit_id` is the unit in which they did it,
    `*` for the whole region; None if it does not matter in whose place they did.
    """

    action: str
    subject: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str = ""
    unit_id: str | None = None

    def details(self) -> str:
        """As canonical JSON (RFC 8785)."""
        said = {
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "reason": self.reason,
        }
        return rfc8785.dumps(to_jsonable_python(said)).decode()


async def lock(connection: AsyncConnection) -> None:
    """Wait until nobody adds lines; who wants to waits for the end of the caller's transaction."""
    await connection.execute(_ONE_AT_A_TIME)


async def erase(connection: AsyncConnection, lines: Sequence[int]) -> None:
    """Remove subject and details of lines, by number. The chain stays whole."""
    await connection.execute(_ERASE, {"lines": list(lines)})


async def write(connection: AsyncConnection, changes: Sequence[tuple[Actor, Change]]) -> None:
    """Add a line for each change, in the caller's transaction. Other writers wait for its end."""
    if many := len(changes) > _IN_THREAD:
        lines = await asyncio.to_thread(_described, changes)
    else:
        lines = _described(changes)
    await lock(connection)
    last = (await connection.execute(_LAST)).one()
    end = (last.seq or 0, last.hash or START, last.now)
    if many:
        await asyncio.to_thread(_chain, lines, *end)
    else:
        _chain(lines, *end)
    await connection.execute(_INSERT, lines)


def _described(changes: Iterable[tuple[Actor, Change]]) -> list[dict[str, Any]]:
    """The lines without their places in the chain."""
    lines = []
    for actor, change in changes:
        details, salt = change.details(), secrets.token_hex(16)
        lines.append(
            {
                "account": actor.subject,
                "on_behalf_of": actor.on_behalf_of,
                "action": change.action,
                "subject": change.subject,
                "details": details,
                "salt": salt,
                "digest": digest_of(salt, details),
            }
        )
    return lines


def _chain(lines: Iterable[dict[str, Any]], seq: int, previous: str, now: datetime) -> None:
    """Put the lines behind line `seq`, whose hash is `previous`."""
    for number, line in enumerate(lines, start=seq + 1):
        covered = {name: line[name] for name in ("account", "on_behalf_of", "action", "digest")}
        previous = hash_of(previous, number, now, **covered)
        line |= {"seq": number, "at": now, "hash": previous}


def digest_of(salt: str, details: str) -> str:
    """SHA-256 over salt and details, hexadecimal. The salt keeps erased details unguessable."""
    return hashlib.sha256(f"{salt}\n{details}".encode()).hexdigest()


def hash_of(
    previous: str,
    seq: int,
    at: datetime,
    account: str,
    on_behalf_of: str,
    action: str,
    digest: str,
) -> str:
    """SHA-256 over the hash of the line before and this line as canonical JSON, hexadecimal."""
    line: dict[str, Any] = {
        "seq": seq,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": account,
        "on_behalf_of": on_behalf_of,
        "action": action,
        "digest": digest,
    }
    return hashlib.sha256(previous.encode() + b"\n" + rfc8785.dumps(line)).hexdigest()
