"""G49: an attacker with the database's rows and files, the key folder, the memory of every process,
events, logs and the staff list. After the release nobody's answer is linked or opened; with a
custodian, also none of an open round.

Copies are made at the moment that is best for the attacker: sealed sheets before they are dropped.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from uuid import NAMESPACE_DNS, NAMESPACE_OID, NAMESPACE_URL, UUID, uuid4, uuid5

import asyncpg
import psutil
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from assessment_service.adapters import receive_buffer
from assessment_service.adapters.keyed_sheets import partition
from assessment_service.adapters.sheet_cipher import HpkeOpener
from attacker.disk import found_in
from attacker.memory import NoAccessError, everything_of
from attacker.secrets_found import candidates, private_keys, whose
from devstack import CHECKOUT
from devstack.issuer import Issuer
from integration.assessment.platform import Platform, platform
from integration.assessment.service import ITEMS, Service, StartService
from servicekit.settings import Database
from support.eventually import eventually

UNITS = ("ward", "clinic")
STAFF = [f"sample-{unit}-{number}" for unit in UNITS for number in range(12)]


@dataclass
class Copies:
    """What the attacker has copied from the database while rounds were open; `bodies` are pieces of
    the requests with answers."""

    sheets: list[tuple[UUID, bytes, bytes]] = field(default_factory=list)
    public_keys: set[bytes] = field(default_factory=set)
    bodies: list[list[bytes]] = field(default_factory=list)

    def readable_in(self, memory: list[bytes]) -> set[int]:
        """The requests of which a piece is left, by number."""
        return {
            number
            for number, pieces in enumerate(self.bodies)
            if any(piece in copy for piece in pieces for copy in memory)
        }

    @property
    def keys(self) -> set[bytes]:
        return {key for _, key, _ in self.sheets}

    async def take(self, service: Service) -> None:
        rows = await service.rows("select round_id, participation_key, sealed from keyed_sheets")
        self.sheets += [(row["round_id"], row["participation_key"], row["sealed"]) for row in rows]
        found = await service.rows("select public_key from releases")
        self.public_keys |= {row["public_key"] for row in found}


def as_deployed() -> dict[str, str]:
    """What docker-compose.yml sets for the memory of the api process."""
    compose = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))
    return {
        "GLIBC_TUNABLES": compose["services"]["assessment-api"]["environment"]["GLIBC_TUNABLES"]
    }


@asynccontextmanager
async def attacked(
    start: StartService, database: Database, issuer: Issuer, kafka: str, folder: Path, **more: str
) -> AsyncIterator[Platform]:
    service = await start(kafka)
    await service.prepare()
    settings = as_deployed() | more
    async with platform(service, database, issuer, kafka, folder, **settings) as running:
        yield running


async def answered(service: Service, random: Random, copies: Copies) -> dict[str, str]:
    """A round per unit, in which everybody has answered, as the attacker sees it while open."""
    rounds = await service.open(service.opening(UNITS))
    for person in STAFF:
        unit = person.split("-")[1]
        given: dict[str, int | None] = {item: random.randint(1, 5) for item in ITEMS}
        done = await service.answer(rounds[unit], unit, person, given)
        assert done.status_code == 200, done.text
        body = json.dumps({"answers": given}, separators=(",", ":"))
        starts = range(40, len(body) - 100, 100)
        copies.bodies.append([body.encode()[at : at + 100] for at in starts])
    await copies.take(service)
    return rounds


async def released(service: Service, rounds: dict[str, str]) -> None:
    for round_id in rounds.values():
        await service.close(round_id)

    async def are_anonymised() -> bool:
        return {await service.status(one) for one in rounds.values()} == {"anonymised"}

    await eventually(are_anonymised, within=60)


def memory_of(*processes: psutil.Process) -> list[bytes]:
    try:
        return [copy for process in processes for copy in everything_of(process)]
    except NoAccessError as error:
        pytest.skip(str(error))


def opened(keys: Collection[bytes], copies: Copies) -> int:
    """How many of the copied sheets open with one of these private keys."""
    count = 0
    for round_id, key, sealed in copies.sheets:
        for private in keys:
            try:
                HpkeOpener(private).open(round_id, key, sealed)
            except Exception:
                continue
            count += 1
    return count


def secrets_in(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in (folder / "keys").iterdir() if file.stat().st_size]


async def test_after_the_release_no_answer_is_opened_or_linked(
    start: StartService, database: Database, issuer: Issuer, kafka: str, tmp_path: Path
) -> None:
    async with attacked(start, database, issuer, kafka, tmp_path) as running:
        service, random, past, present = running.service, Random(49), Copies(), Copies()
        for _ in range(3):
            await released(service, await answered(service, random, past))
        await answered(service, random, present)
        present.public_keys -= past.public_keys
        assert (len(past.public_keys), len(past.sheets)) == (3, 3 * len(STAFF))
        await asyncio.sleep(2 * receive_buffer.INTERVAL_SECONDS)
        memory = memory_of(running.api, running.worker)

        assert past.readable_in(memory) | present.readable_in(memory) == set()
        tried = candidates(memory) | set(secrets_in(tmp_path))
        assert private_keys(tried, past.public_keys) == {}
        staff = [(issuer.url, person) for person in STAFF]
        assert whose(tried, staff[:2], past.keys) == {}  # each of them has answered every time

        # A limit that the documents state: without a custodian, the key folder opens what is open.
        known = private_keys(secrets_in(tmp_path), present.public_keys)
        assert opened(known.values(), present) == len(STAFF)
        assert opened(known.values(), past) == 0

        said = await everything_said(running)
        assert [one for one in traces_of_staff() if one in said] == []


async def everything_said(running: Platform) -> str:
    """Events with their ids, and logs."""
    rows = await running.service.rows("select o::text as line from outbox o")
    return "\n".join([row["line"] for row in rows] + [log.read_text() for log in running.logs])


def traces_of_staff() -> Iterator[str]:
    """What somebody can compute from a staff list and look for."""
    for person in STAFF:
        yield person
        yield hashlib.sha256(person.encode()).hexdigest()
        yield from (str(uuid5(space, person)) for space in (NAMESPACE_URL, NAMESPACE_DNS))
        yield str(uuid5(NAMESPACE_OID, person))


async def test_with_a_custodian_no_answer_of_an_open_round_is_opened(
    start: StartService, database: Database, issuer: Issuer, kafka: str, tmp_path: Path
) -> None:
    custodian = X25519PrivateKey.generate().public_key().public_bytes_raw()
    setting = {"ASSESSMENT_CUSTODIAN__PUBLIC_KEY": base64.b64encode(custodian).decode()}
    async with attacked(start, database, issuer, kafka, tmp_path, **setting) as running:
        copies = Copies()
        await answered(running.service, Random(50), copies)
        rows = await running.service.rows("select envelope from releases")
        envelope = bytes(rows[0]["envelope"])
        parts = [envelope[at : at + 32] for at in range(len(envelope) - 31)]
        ours = secrets_in(tmp_path)
        joined = [
            bytes(a ^ b for a, b in zip(one, other, strict=True)) for one in ours for other in parts
        ]
        tried = candidates(memory_of(running.api, running.worker)) | {*ours, *parts, *joined}
        assert private_keys(tried, copies.public_keys) == {}


async def test_what_is_dropped_is_in_no_file_of_a_table(service: Service, postgres: str) -> None:
    """And the check finds sheets that are deleted instead."""
    base = await tables_of(postgres)
    copies = Copies()
    rounds = await answered(service, Random(51), copies)
    sheets = [sealed for _, _, sealed in copies.sheets]
    await checkpoint(postgres)
    assert len(found_in(base, sheets)) == len(sheets)
    owner = await asyncpg.connect(service.dsn)
    (release,) = await owner.fetch("select release_id from releases")
    await owner.close()
    await delete_all(postgres, service, partition(release["release_id"]))
    await checkpoint(postgres)
    assert len(found_in(base, sheets)) == len(sheets)  # the seeded defect
    for round_id in rounds.values():
        await service.close(round_id)
    await service.work()
    await checkpoint(postgres)
    assert found_in(base, sheets) == set()


async def tables_of(postgres: str) -> Path:
    connection = await asyncpg.connect(postgres)
    folder = Path(await connection.fetchval("show data_directory")) / "base"
    await connection.close()
    if not folder.is_dir():
        pytest.skip("PostgreSQL's files are on another host")
    return folder


async def checkpoint(postgres: str) -> None:
    connection = await asyncpg.connect(postgres)
    await connection.execute("checkpoint")
    await connection.close()


async def delete_all(postgres: str, service: Service, table: str) -> None:
    database = service.dsn.rpartition("/")[2]
    connection = await asyncpg.connect(postgres.rpartition("/")[0] + f"/{database}")
    await connection.execute(f"delete from {table}")
    await connection.close()


@contextmanager
def process_that_keeps(*kept: bytes) -> Iterator[psutil.Process]:
    """A process with these bytes in its memory: a seeded defect."""
    code = "import sys; kept = [bytes.fromhex(one) for one in sys.stdin.readline().split()];"
    code += "print('ready', flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(" ".join(one.hex() for one in kept).encode() + b"\n")
        process.stdin.flush()
        process.stdout.readline()
        yield psutil.Process(process.pid)
        process.stdin.close()


def test_the_attacker_finds_what_a_process_keeps() -> None:
    pair, secret, body = (
        X25519PrivateKey.generate(),
        uuid4().bytes * 2,
        b"answers of one person" * 5,
    )
    secret = hashlib.sha256(secret).digest()
    public = pair.public_key().public_bytes_raw()
    key = hmac.digest(secret, b"issuer|somebody", "sha256")
    with process_that_keeps(pair.private_bytes_raw(), secret, body) as process:
        memory = memory_of(process)
    tried = candidates(memory)
    assert private_keys(tried, {public}) == {public: pair.private_bytes_raw()}
    assert whose(tried, [("issuer", "somebody")], {key}) == {"somebody": key}
    assert any(body in copy for copy in memory)
