"""Pinned downloads: only what matches its hash is ever seen in the cache."""

import hashlib
from pathlib import Path

import pytest

from devstack.artifacts import Artifact, cache_root, obtain, read_list
from devstack.options import CHECKOUT, StackError

CONTENT = b"a jar"
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def listing(tmp_path: Path, sha256: str) -> Path:
    path = tmp_path / "artifacts.txt"
    path.write_text(f"# comment\norg.example:good:1.0 {HASH}\norg.example:thing:1.0 {sha256}\n")
    return path


def from_disk(artifact: Artifact, repository: Path) -> Path:
    repository.mkdir(exist_ok=True)
    path = repository / artifact.filename
    path.write_bytes(CONTENT)
    return path


def test_a_second_run_downloads_nothing(tmp_path: Path) -> None:
    def refuse(artifact: Artifact, repository: Path) -> Path:
        raise AssertionError("downloaded again")

    progress: list[str] = []
    first = obtain(listing(tmp_path, HASH), "tool", progress.append, from_disk)
    assert sorted(path.name for path in first.iterdir()) == ["good-1.0.jar", "thing-1.0.jar"]
    assert progress[-1] == "downloading 2/2 files"
    assert obtain(listing(tmp_path, HASH), "tool", progress.append, refuse) == first


def test_a_wrong_hash_stops_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"thing-1\.0\.jar has SHA-256"):
        obtain(listing(tmp_path, "0" * 64), "tool", lambda _: None, from_disk)
    assert [path.name for path in cache_root().iterdir()] == ["tool.lock"]


def test_a_failed_download_names_the_remedy(tmp_path: Path) -> None:
    def fail(artifact: Artifact, repository: Path) -> Path:
        raise OSError("no route")

    with pytest.raises(StackError, match=r"cannot download .* check the network"):
        obtain(listing(tmp_path, HASH), "tool", lambda _: None, fail)
    assert [path.name for path in cache_root().iterdir()] == ["tool.lock"]


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("org.example:thing 1234\n")
    with pytest.raises(StackError, match=r"list\.txt, line 1"):
        read_list(path)


def test_a_file_that_is_no_jar_is_named_with_its_extension(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"org.example:server:1.0@zip {HASH}\norg.example:tool:1.0:linux@exe {HASH}\n")
    names = [artifact.filename for artifact in read_list(path)]
    assert names == ["server-1.0.zip", "tool-1.0-linux.exe"]


def test_the_committed_list_holds_kafka_once() -> None:
    artifacts = read_list(CHECKOUT / "infra" / "kafka" / "artifacts.txt")
    assert len({artifact.filename for artifact in artifacts}) == len(artifacts) == 45
    assert {a.version for a in artifacts if a.group == "org.apache.kafka"} == {"4.4.0"}
