"""The audit trail: written with its effect, and every change to it afterwards is found."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from contracts.audit import AuditHead
from contracts.registry import TOPICS
from servicekit.audit_heads import Head, HeadSigner, sign_end
from servicekit.audit_trail import START, hash_of
from servicekit.audit_verify import Report, compared
from servicekit.auth import Assignment, Principal
from servicekit.settings import Audit, Database
from support.apps import CounterBumped, SampleUnitOfWork

SOMEBODY = Principal("account-1", "https://issuer.invalid", frozenset())
STANDING_IN = frozenset({Assignment("deputy", "a", below=True, standing_for="account-1")})
DEPUTY = Principal("account-2", "https://issuer.invalid", STANDING_IN)
SIGNED = Audit(signing_keys=(SecretStr("a-sample-key-of-more-than-32-characters"),))


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who has the owner's rights, as an attacker with the database's files has."""
    assert database.migration_dsn
    connection = await asyncpg.connect(database.migration_dsn.get_secret_value())
    yield connection
    await connection.close()


async def noted(engine: AsyncEngine, event: type[CounterBumped], count: int = 5) -> None:
    for number in range(count):
        async with SampleUnitOfWork(engine, event).by(SOMEBODY) as uow:
            await uow.bump("a")
            uow.audit("counters.raise", "counter/a", {"version": number}, {"version": number + 1})


async def report_of(engine: AsyncEngine, *heads: Head, keep_days: int = 3650) -> Report:
    return await compared(engine, {head.seq: [head] for head in heads}, [], keep_days)


async def faults(engine: AsyncEngine, *heads: Head, keep_days: int = 3650) -> list[str]:
    return list((await report_of(engine, *heads, keep_days=keep_days)).faults)


async def note_erasure(engine: AsyncEngine, event: type[CounterBumped], erased: object) -> None:
    async with SampleUnitOfWork(engine, event).by(SOMEBODY) as uow:
        uow.audit("persons.change/erase_person", "erasure/1", after={"erased": erased})


async def rewritten(owner: asyncpg.Connection, ago: timedelta) -> None:
    """The whole chain made anew, as if it had been written so long ago."""
    lines = [dict(line) for line in await owner.fetch("select * from audit_lines order by seq")]
    previous = START
    await owner.execute("truncate audit_lines")
    for line in lines:
        line["at"] = datetime.now(UTC) - ago
        covered = ("seq", "at", "account", "on_behalf_of", "action", "digest")
        line["hash"] = previous = hash_of(previous, *(line[name] for name in covered))
        places = ", ".join(f"${n}" for n in range(1, len(line) + 1))
        statement = f"insert into audit_lines ({', '.join(line)}) values ({places})"
        await owner.execute(statement, *line.values())


async def end(owner: asyncpg.Connection) -> Head:
    row = await owner.fetchrow("select seq, hash from audit_lines order by seq desc limit 1")
    return Head(service="sample", seq=row["seq"], hash=row["hash"], signed_at=datetime.now(tz=UTC))


async def test_a_line_is_written_with_its_effect_or_not_at_all(engine, event, owner):
    await noted(engine, event, 2)

    async def fails() -> None:
        async with SampleUnitOfWork(engine, event).by(SOMEBODY) as uow:
            uow.audit("counters.raise", "counter/a")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    lines = await owner.fetch("select * from audit_lines order by seq")
    assert [line["seq"] for line in lines] == [1, 2]
    assert json.loads(lines[1]["details"]) == {
        "subject": "counter/a",
        "before": {"version": 1},
        "after": {"version": 2},
        "reason": "",
    }
    assert await faults(engine, await end(owner)) == []


async def test_what_the_platform_does_by_itself_is_not_noted(engine, event, owner):
    async with SampleUnitOfWork(engine, event) as uow:
        uow.audit("counters.raise", "counter/a")
    assert await owner.fetchval("select count(*) from audit_lines") == 0


async def test_a_line_says_in_whose_place_somebody_acted(engine, event, owner):
    async with SampleUnitOfWork(engine, event).by(DEPUTY) as uow:
        uow.audit("counters.raise", "counter/a")
    line = await owner.fetchrow("select account, on_behalf_of from audit_lines")
    assert tuple(line) == ("account-2", "account-1")


async def test_many_at_once_leave_one_chain(engine, event, owner):
    await asyncio.gather(*(noted(engine, event, 5) for _ in range(8)))
    assert (await end(owner)).seq == 40
    assert await faults(engine) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_lines set action = ''",
        "delete from audit_lines",
        "truncate audit_lines",
        "delete from audit_heads",
    ],
)
async def test_the_service_itself_cannot_change_the_past(engine, event, database, statement):
    await noted(engine, event, 1)
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement)
    await connection.close()


ATTACKS = {
    "edit": ("update audit_lines set account = 'nobody' where seq = 3", "line 3 was changed"),
    "time": ("update audit_lines set at = at - interval '1 day' where seq = 3", "line 3 was"),
    "details": ("update audit_lines set details = '{}' where seq = 3", "details of line 3"),
    "subject": (
        "update audit_lines set subject = 'counter/b' where seq = 3",
        "the subject of line 3 is not the one in its details",
    ),
    "no subject": ("update audit_lines set subject = null where seq = 3", "the subject of line 3"),
    "delete": ("delete from audit_lines where seq = 3", "lines 3 to 3 are missing"),
    "cut off": ("delete from audit_lines where seq > 3", "lines 4 to 5 were removed since"),
    "empty": ("delete from audit_lines", "lines 1 to 5 were removed since"),
    "swap": (
        "update audit_lines a set action = b.action, digest = b.digest, details = b.details,"
        " salt = b.salt from audit_lines b where (a.seq, b.seq) in ((2, 3), (3, 2))",
        "line 2 was changed",
    ),
    "insert": (
        "insert into audit_lines select 6, at, account, on_behalf_of, action, subject, details,"
        " salt, digest, hash from audit_lines where seq = 5",
        "line 6 was changed",
    ),
}


@pytest.mark.parametrize("attack", ATTACKS)
async def test_every_change_of_the_past_is_found(engine, event, owner, attack):
    await noted(engine, event)
    signed = await end(owner)
    statement, found = ATTACKS[attack]
    await owner.execute(statement)
    assert found in (await faults(engine, signed))[0]


async def test_a_removed_beginning_is_found_by_the_ends_signed_in_it(engine, event, owner):
    await noted(engine, event, 3)
    third = await end(owner)
    await noted(engine, event, 2)
    await owner.execute("delete from audit_lines where seq <= 4")
    [fault] = await faults(engine, third, await end(owner))
    assert fault.startswith("lines up to 3 were removed before their time")


async def test_a_beginning_that_was_old_enough_is_not_missed(engine, event, owner):
    """Also if its end was signed some time after it was written."""
    await noted(engine, event, 3)
    third = await end(owner)
    await noted(engine, event, 2)
    await owner.execute("delete from audit_lines where seq <= 3")
    for hours, removed_early in ((-1, False), (23, False), (25, True)):
        signed_at = datetime.now(tz=UTC) - timedelta(days=400) + timedelta(hours=hours)
        old = third.model_copy(update={"signed_at": signed_at})
        found = await faults(engine, old, await end(owner), keep_days=400)
        assert bool(found) is removed_early


async def test_whoever_rewrites_the_whole_chain_is_found_by_the_signed_end(engine, event, owner):
    await noted(engine, event)
    signed = await end(owner)
    await owner.execute("truncate audit_lines")
    await noted(engine, event)
    assert await faults(engine) == []
    assert "line 5 or one before it was changed" in (await faults(engine, signed))[0]


async def test_lines_that_nobody_has_signed_are_not_called_whole(engine, event, owner):
    await noted(engine, event, 3)
    signed = await end(owner)
    await noted(engine, event, 2)
    assert await faults(engine) == [], "an end may be signed up to a day later"
    await rewritten(owner, timedelta(days=2))
    (fault,) = await faults(engine)
    assert fault.startswith("no signed end covers line 1:")
    signed.hash = (await owner.fetchrow("select hash from audit_lines where seq = 3"))["hash"]
    (fault,) = await faults(engine, signed)
    assert fault.startswith("no signed end covers line 4:")
    await rewritten(owner, timedelta(days=400))
    assert await faults(engine) == [], "the topic keeps no end for so long"


async def test_erased_details_leave_the_chain_whole(engine, event, owner):
    await noted(engine, event)
    await owner.execute("select audit_erase(array[2, 4]::bigint[])")
    await note_erasure(engine, event, [2, 4])
    report = await report_of(engine)
    assert (report.erased, report.faults) == (2, ())


async def test_the_service_erases_nothing_without_a_line_that_says_so(engine, event, database):
    await note_erasure(engine, event, [2, 3])  # Before they were written: names nothing.
    await noted(engine, event, 3)
    connection = await asyncpg.connect(database.dsn.get_secret_value())
    await connection.execute("select audit_erase(array[2, 3, 4]::bigint[])")
    await connection.close()
    await note_erasure(engine, event, [3])
    for other in (None, 2, "2", ["2", {}]):
        await note_erasure(engine, event, other)
    said = "the details of line {} were erased, and no later line says so"
    assert await faults(engine) == [said.format(2), said.format(4)]


async def test_whoever_erases_the_line_that_says_so_is_found(engine, event, owner):
    await noted(engine, event, 2)
    await note_erasure(engine, event, [1])
    await owner.execute("select audit_erase(array[1, 3]::bigint[])")
    assert len(await faults(engine)) == 2


async def test_the_subject_of_erased_details_stays_erased(engine, event, owner):
    await noted(engine, event, 2)
    await owner.execute("select audit_erase(array[1]::bigint[])")
    await note_erasure(engine, event, [1])
    await owner.execute("update audit_lines set subject = 'counter/b' where seq = 1")
    assert "the subject of line 1" in (await faults(engine))[0]


async def test_old_lines_are_deleted_and_the_rest_still_fits(engine, event, owner):
    await noted(engine, event)
    await owner.execute("update audit_lines set at = at - interval '400 days' where seq < 3")
    await owner.execute("select audit_retire(1)")
    report = await report_of(engine)
    assert (report.first, report.lines, report.faults) == (3, 3, ())


async def test_the_end_is_signed_once_and_published(engine, event, owner):
    await noted(engine, event)
    for _ in range(2):
        await sign_end(engine, "workflow", "/um-platform/workflow", SIGNED)
    payloads = await owner.fetch("select payload from outbox where topic = 'workflow.audit'")
    [head] = [AuditHead.model_validate_json(row["payload"]) for row in payloads]
    assert head.seq == 5
    signer = HeadSigner(SIGNED.signing_keys)
    assert signer.verified(head.signature) == Head(**head.model_dump(exclude={"signature"}))
    other = HeadSigner([SecretStr("another-key-that-has-32-characters-and-more")])
    assert other.verified(head.signature) is None
    assert "workflow.audit" in TOPICS
