"""`python -m <service> audit verify`: finds lines of the audit trail that were changed or removed.

It ends with 0 if the trail is whole, 1 if it is not, 2 if that could not be found out.

The chain shows a line that does not fit its neighbours. Whoever rewrote all lines after it is found
by the signed ends, which are read from their topic, out of the database's reach.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.audit import AuditHead
from contracts.registry import TOPICS
from servicekit.audit_heads import Head, HeadSigner
from servicekit.audit_trail import START, digest_of, hash_of
from servicekit.db import create_engine
from servicekit.failures import DRIVER_ERRORS
from servicekit.settings import ServiceSettings
from servicekit.topic_reader import TopicUnreadable, records

_LINES = text("select * from audit_lines order by seq")
_SHOWN = 20
_ERASES = ("persons.change/erase_person", "erasures.confirm/erase_person")
"""The actions of lines that say, as `erased`, whose details were erased with them."""
_SIGNED_WITHIN = timedelta(days=1)
"""How long after its line was written an end is signed: more than `sign_every_seconds` if a worker
was away."""
_ENDS_KEPT = timedelta(days=365)
"""How long their topic keeps signed ends."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the trail is like. `faults` are sentences; none is good."""

    first: int
    last: int
    lines: int
    erased: int
    heads: int
    faults: tuple[str, ...]

    def text(self) -> str:
        """For a terminal."""
        said = f"{self.lines} lines, {self.first} to {self.last}; details of {self.erased} erased"
        lines = [said, f"{self.heads} signed ends compared"]
        lines += [f"FAULT: {fault}" for fault in self.faults[:_SHOWN]]
        if len(self.faults) > _SHOWN:
            lines.append(f"and {len(self.faults) - _SHOWN} more faults")
        return "\n".join([*lines, "the trail is whole" if not self.faults else "NOT whole"])


def run(settings: ServiceSettings, service: str) -> None:
    """Print what the trail is like; ends the process with 1 or 2 unless it is whole."""
    if not settings.audit.signing_keys:
        variable = f"{service.upper()}_AUDIT__SIGNING_KEYS"
        _cannot(f"set {variable}: without the keys nobody knows which ends are signed")
    try:
        report = asyncio.run(verify(settings, service))
    except (OSError, DBAPIError, TopicUnreadable, *DRIVER_ERRORS) as error:
        _cannot(f"{type(error).__name__}: {error}")
    print(report.text())
    if report.faults:
        sys.exit(1)


def _cannot(why: str) -> NoReturn:
    print(f"audit verify: {why}", file=sys.stderr)
    sys.exit(2)


async def verify(settings: ServiceSettings, service: str) -> Report:
    """Compare every line with the one before, and with the ends that were signed.

    Raises TopicUnreadable if the ends cannot be read.
    """
    heads, faults = await _heads(settings, service)
    engine = create_engine(settings.db)
    try:
        return await compared(engine, heads, faults, settings.audit.keep_days)
    finally:
        await engine.dispose()


async def compared(
    engine: AsyncEngine, heads: Mapping[int, Sequence[Head]], faults: list[str], keep_days: int
) -> Report:
    """The trail beside the signed ends, by the number of their line, and faults found before."""
    first = last = count = erased = 0
    newest_end, unsigned = max(heads, default=0), 0
    unnamed: set[int] = set()  # Lines whose details are erased, until a later line says so.
    previous, missing = START, dict(heads)
    async for line in _lines(engine):
        count += 1
        if not first:
            first = line["seq"]
            if first > 1:  # Older ones were deleted. The first one left is taken as it is.
                previous, last = "", first - 1
        if line["seq"] != last + 1:
            faults.append(f"lines {last + 1} to {line['seq'] - 1} are missing")
            previous = ""
        faults += (wrong := _wrong_in(line, previous))
        if line["seq"] > newest_end and not unsigned and _should_be_signed(line["at"]):
            unsigned = line["seq"]
        if line["details"] is None:
            erased += 1
            unnamed.add(line["seq"])
        elif not wrong:
            unnamed -= _named_in(line)
        for head in missing.pop(line["seq"], ()):
            if head.hash != line["hash"]:
                faults.append(
                    f"line {line['seq']} or one before it was changed since {head.signed_at}"
                )
        last, previous = line["seq"], line["hash"]
    for seq, signed in sorted(missing.items()):
        if seq > last:
            faults.append(f"lines {last + 1} to {seq} were removed since {signed[0].signed_at}")
    if unsigned:
        faults.append(f"no signed end covers line {unsigned}: nothing shows that it is unchanged")
    faults += _removed_early(missing, first, keep_days)
    faults += [
        f"the details of line {seq} were erased, and no later line says so"
        for seq in sorted(unnamed)
    ]
    return Report(first, last, count, erased, sum(map(len, heads.values())), tuple(faults))


def _should_be_signed(written_at: datetime) -> bool:
    """Whether an end at or after a line has to be in the topic by now."""
    return _SIGNED_WITHIN < datetime.now(UTC) - written_at < _ENDS_KEPT


def _wrong_in(line: Mapping[str, Any], previous: str) -> list[str]:
    seq = line["seq"]
    names = ("seq", "at", "account", "on_behalf_of", "action", "digest")
    expected = hash_of(previous, *(line[name] for name in names))
    if previous and expected != line["hash"]:
        return [f"line {seq} was changed, or the one before it"]
    if line["details"] is None:
        said = None
    elif digest_of(line["salt"], line["details"]) != line["digest"]:
        return [f"the details of line {seq} were changed"]
    else:
        said = _details(line).get("subject")
    if said != line["subject"]:
        return [f"the subject of line {seq} is not the one in its details"]
    return []


def _details(line: Mapping[str, Any]) -> dict[str, Any]:
    """Empty if they are none that this platform writes: the service can add any text."""
    try:
        details = json.loads(line["details"])
    except ValueError:
        return {}
    return details if isinstance(details, dict) else {}


def _named_in(line: Mapping[str, Any]) -> set[int]:
    """The lines whose details were erased, as this one says."""
    if line["action"] not in _ERASES:
        return set()
    after = _details(line).get("after")
    erased = after.get("erased") if isinstance(after, dict) else None
    return {seq for seq in erased if isinstance(seq, int)} if isinstance(erased, list) else set()


def _removed_early(
    missing: Mapping[int, Sequence[Head]], first: int, keep_days: int
) -> Iterator[str]:
    """A fault if an end before the first line was signed when its line had still to be kept."""
    since = datetime.now(UTC) - timedelta(days=keep_days) + _SIGNED_WITHIN
    early = [
        (seq, head.signed_at)
        for seq, signed in missing.items()
        for head in signed
        if seq < first and head.signed_at > since
    ]
    if early:
        seq, signed_at = max(early)
        yield f"lines up to {seq} were removed before their time: line {seq} was signed {signed_at}"


async def _lines(engine: AsyncEngine) -> AsyncIterator[Mapping[str, Any]]:
    async with engine.connect() as connected, connected.stream(_LINES) as rows:
        async for row in rows.mappings():
            yield dict(row)


async def _heads(
    settings: ServiceSettings, service: str
) -> tuple[dict[int, list[Head]], list[str]]:
    """Ends by the number of their line, and a fault for each record that is not signed so."""
    signer = HeadSigner(settings.audit.signing_keys)
    found: dict[int, list[Head]] = {}
    faults = []
    topic = TOPICS[f"{service}.audit"]
    async for record in records(settings.kafka, [topic.name], topic.partitions):
        place = f"record {record.partition}/{record.offset} of the topic {topic.name}"
        try:
            published = AuditHead.model_validate_json(record.value or b"")
        except ValidationError:
            faults.append(f"{place} is no signed end")
            continue
        head = signer.verified(published.signature)
        if head is None or head.service != service:
            faults.append(f"{place} was signed by no key of this service")
            continue
        found.setdefault(head.seq, []).append(head)
    return found, faults
