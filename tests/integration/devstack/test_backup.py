"""A real cluster is archived, destroyed, and restored to a moment; what is not right is named."""

import asyncio
import json
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from devstack.backup import report
from devstack.backup.archive import Archive
from devstack.backup.restore import restore
from devstack.backup.rows import Checksums, checksums, differing
from devstack.options import StackError
from devstack.servers.postgres_cluster import Cluster
from support.eventually import eventually
from support.ports import free_port

REGION = "Region Exempel"


@dataclass
class Kept:
    """An archive, and what was in the cluster at a moment."""

    archive: Archive
    moment: datetime
    rows: Checksums


@pytest.fixture(scope="module")
async def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A row before the moment, and one after it; then the server was killed."""
    place = tmp_path_factory.mktemp("backup")
    for folder in (place, *place.parents[:2]):
        folder.chmod(0o755)
    return await _archived(place)


async def _archived(place: Path) -> Kept:
    cluster, port = Cluster(place / "postgres", "secret"), free_port()
    await asyncio.to_thread(cluster.prepare)
    server = await asyncio.create_subprocess_exec(
        *cluster.program("postgres"), "-D", str(cluster.path), "-p", str(port),
        "-c", "unix_socket_directories=", user=cluster.user, cwd="/",
    )  # fmt: skip
    dsn = f"postgresql://postgres:secret@127.0.0.1:{port}/postgres"

    async def connect(database: str) -> asyncpg.Connection:
        return await asyncpg.connect(dsn, database=database)

    async def answers() -> bool:
        try:
            await (await asyncpg.connect(dsn)).close()
        except (OSError, asyncpg.PostgresError) as error:
            raise AssertionError from error
        return True

    await eventually(answers, within=60)
    archive = Archive(place / "archive")
    command, env = await asyncio.to_thread(archive.receiver, dsn)
    assert "secret" not in str(command)
    receiver = await asyncio.create_subprocess_exec(*command, env=env)
    try:
        await archive.copy(dsn, REGION)
        connection = await asyncpg.connect(dsn)
        await connection.execute("create table kept (n int); insert into kept values (1)")
        rows = await checksums(connect)
        moment = await connection.fetchval("select clock_timestamp()")
        await asyncio.sleep(0.1)
        await connection.execute("insert into kept values (2)")
        last = await connection.fetchval("select clock_timestamp()")

        async def archived() -> bool:
            behind = last - await asyncio.to_thread(archive.last_commit)
            return bool(behind < timedelta(seconds=0.5))

        await eventually(archived)
    finally:
        server.kill()
        await server.wait()
        receiver.terminate()
        await receiver.wait()
    return Kept(archive, moment, rows)


async def test_every_row_is_as_it_was_at_the_moment(kept: Kept, tmp_path: Path) -> None:
    done = await restore(kept.archive, tmp_path / "pg" / "cluster", REGION, kept.moment)
    assert differing(kept.rows, done.rows) == []
    assert done.rows["postgres public.kept"].startswith("1 rows")


async def test_without_a_moment_nothing_that_was_archived_is_lost(
    kept: Kept, tmp_path: Path
) -> None:
    done = await restore(kept.archive, tmp_path / "pg" / "cluster", REGION, None)
    assert differing(kept.rows, done.rows) == ["postgres public.kept"]
    assert done.rows["postgres public.kept"].startswith("2 rows")


@pytest.fixture
def copied(kept: Kept, tmp_path: Path) -> Archive:
    """An archive that may be spoilt."""
    return Archive(shutil.copytree(kept.archive.folder, tmp_path / "archive"))


def listed(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


async def refusal(archive: Archive, pgdata: Path, at: datetime, region: str = REGION) -> str:
    """Why it is refused; what was there is there as before."""
    before = listed(pgdata)
    with pytest.raises(StackError) as caught:
        await restore(archive, pgdata, region, at)
    assert listed(pgdata) == before
    return str(caught.value)


async def test_what_is_not_whole_or_of_others_is_refused(
    kept: Kept, copied: Archive, tmp_path: Path
) -> None:
    pgdata, (base,) = tmp_path / "pg" / "cluster", copied.folder.glob("base-*")
    assert "of the region Region Exempel, not of other" in await refusal(
        copied, pgdata, kept.moment, "other"
    )
    assert "no base copy from before" in await refusal(
        copied, pgdata, kept.moment - timedelta(days=1)
    )
    late = kept.moment + timedelta(hours=1)
    assert "the archive ends before" in await refusal(copied, pgdata, late)
    file = next((base / "base" / "base").rglob("1259"))
    content = file.read_bytes()
    file.write_bytes(content[:-1])
    assert "was changed" in await refusal(copied, pgdata, kept.moment)
    file.unlink()
    assert "is missing" in await refusal(copied, pgdata, kept.moment)
    file.write_bytes(content)
    origin = json.loads((base / "origin.json").read_text())
    (base / "origin.json").write_text(json.dumps(origin | {"version": 12}))
    assert "is of PostgreSQL 12, and this is" in await refusal(copied, pgdata, kept.moment)
    (base / "origin.json").write_text("{")
    assert "not a backup" in await refusal(copied, pgdata, kept.moment)


async def test_without_its_log_the_moment_is_not_reached(
    kept: Kept, copied: Archive, tmp_path: Path
) -> None:
    shutil.rmtree(copied.wal)
    copied.wal.mkdir()
    said = await refusal(copied, tmp_path / "pg" / "cluster", kept.moment)
    assert "the archive ends before" in said
    with pytest.raises(StackError, match="is the log archived"):
        copied.last_commit()


def test_a_log_that_cannot_be_read_in_time_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = tmp_path / "pg_waldump"
    hanging.write_text("#!/bin/sh\nexec sleep 60\n")
    hanging.chmod(0o755)
    archive = Archive(tmp_path)
    archive.wal.mkdir()
    (archive.wal / f"{0:024X}").touch()
    monkeypatch.setattr("devstack.backup.archive.binaries", lambda: tmp_path)
    monkeypatch.setattr("devstack.backup.archive.SEGMENT_SECONDS", 0.1)
    with pytest.raises(StackError, match="pg_waldump has not ended"):
        archive.last_commit()


async def test_a_platform_that_runs_or_has_data_is_left_alone(kept: Kept, tmp_path: Path) -> None:
    pgdata = tmp_path / "pg" / "cluster"
    pgdata.mkdir(parents=True)
    (pgdata / "PG_VERSION").write_text("18")
    assert "is not empty" in await refusal(kept.archive, pgdata, kept.moment)
    (pgdata / "postmaster.pid").write_text("1\n")
    assert "PostgreSQL runs on" in await refusal(kept.archive, pgdata, kept.moment)


def test_a_table_that_only_one_side_has_differs() -> None:
    rows = {"assessment public.rounds": "2 rows, x", "assessment public.units": "1 rows, y"}
    fewer = {"assessment public.units": "1 rows, y"}
    assert differing(rows, fewer) == differing(fewer, rows) == ["assessment public.rounds"]


def test_a_report_that_was_changed_is_not_believed(tmp_path: Path) -> None:
    key = tmp_path / "drill.key"
    report.make_key(key)
    path = report.write(tmp_path, {"passed": True}, key)
    public = tmp_path / "drill.key.pub"
    assert report.verify(path, public)["passed"]
    assert report.COMPLETED in (tmp_path / "restore-drill.prom").read_text()
    path.write_text(path.read_text().replace("true", "false"))
    with pytest.raises(StackError, match="or was changed"):
        report.verify(path, public)
    with pytest.raises(StackError, match="cannot be used"):
        report.write(tmp_path, {"passed": True}, public)


def test_a_drill_that_failed_does_not_count_as_passed(tmp_path: Path) -> None:
    report.make_key(tmp_path / "drill.key")
    report.write(tmp_path, {"passed": False, "rto_seconds": 5}, tmp_path / "drill.key")
    assert not (tmp_path / "restore-drill.prom").exists()
    text = (tmp_path / "restore-drill-failed.prom").read_text()
    assert text.startswith(f"# TYPE {report.FAILED} gauge")
    assert "rto_seconds" not in text
