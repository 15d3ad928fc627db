"""The archive of Java classes: a whole one is used, and a damaged one is as good as none."""

from pathlib import Path

import pytest

from devstack.class_archive import ClassArchive


@pytest.fixture
def archive(tmp_path: Path) -> ClassArchive:
    (tmp_path / "java/bin").mkdir(parents=True)
    (tmp_path / "java/release").write_text('JAVA_VERSION="17"')
    return ClassArchive(tmp_path / "kafka-1", str(tmp_path / "java/bin/java"))


def written(archive: ClassArchive) -> Path:
    """Write what Java would have written; returns the file that is then used."""
    Path(archive.make()[0].removeprefix("-XX:ArchiveClassesAtExit=")).write_bytes(b"classes")
    archive.keep()
    return Path(archive.use()[0].removeprefix("-XX:SharedArchiveFile="))


def test_a_kept_archive_is_used(archive: ClassArchive) -> None:
    assert archive.use() == ()
    assert written(archive).read_bytes() == b"classes"


def test_a_damaged_archive_is_removed(archive: ClassArchive) -> None:
    path = written(archive)
    path.write_bytes(b"class")
    assert archive.use() == ()
    assert not path.exists()


def test_another_version_of_java_has_another_archive(archive: ClassArchive, tmp_path: Path) -> None:
    written(archive)
    (tmp_path / "java/release").write_text('JAVA_VERSION="21"')
    assert archive.use() == ()


def test_java_may_have_written_nothing(archive: ClassArchive) -> None:
    archive.keep()
    assert archive.use() == ()
