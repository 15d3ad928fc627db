"""The notes of a release list commits and files; a signature by minisign covers both."""

import subprocess
import sys
from pathlib import Path

import minisign
import pytest

from release import notes
from release.notes import NAME, SIGNATURE, ReleaseError, commits, sign, verify


def git(repository: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Sample", "-c", "user.email=sample@example.se")
    subprocess.run(["git", *identity, *arguments], cwd=repository, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init")
    git(folder, "commit", "--allow-empty", "-m", "Begin")
    git(folder, "tag", "v1")
    git(folder, "commit", "--allow-empty", "-m", "Mend the count", "-m", "It was off by one.")
    return folder


@pytest.fixture
def released(repository: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "sbom").mkdir(parents=True)
    (folder / "sbom" / "image.cdx.json").write_text("{}")
    (folder / NAME).write_text(notes.notes(repository, "2", "v1", folder))
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A throwaway key; the public half lies beside it as key.pub."""
    return new_key(tmp_path / "key")


def new_key(path: Path, password: str | None = None) -> Path:
    pair = minisign.KeyPair.generate()
    path.with_suffix(".pub").write_bytes(bytes(pair.public_key))
    if password:
        pair.secret_key.encrypt(password, opslimit=32768, memlimit=16777216)
    path.write_bytes(bytes(pair.secret_key))
    return path


def test_the_notes_list_the_commits_since_the_last_release(released: Path) -> None:
    text = (released / NAME).read_text()
    assert "# Release 2\n\n## Changes since v1\n\n- Mend the count (" in text
    assert "\n  It was off by one.\n" in text
    assert "Begin" not in text


def test_without_a_last_release_all_commits_are_listed(repository: Path) -> None:
    assert [subject for _, subject, _ in commits(repository, None)] == ["Mend the count", "Begin"]


def test_an_unknown_revision_is_named(repository: Path) -> None:
    with pytest.raises(ReleaseError, match=r"git does not know the commits of v9\.\.HEAD"):
        commits(repository, "v9")


def test_signed_notes_are_verified(released: Path, key: Path) -> None:
    sign(released, key, None)
    verify(released, key.with_suffix(".pub"))


def test_a_changed_word_is_seen(released: Path, key: Path) -> None:
    sign(released, key, None)
    text = (released / NAME).read_text()
    (released / NAME).write_text(text.replace("Mend", "Bend"))
    with pytest.raises(ReleaseError, match="is not signed by"):
        verify(released, key.with_suffix(".pub"))


def test_another_key_is_seen(released: Path, key: Path, tmp_path: Path) -> None:
    sign(released, key, None)
    with pytest.raises(ReleaseError, match="is not signed by"):
        verify(released, new_key(tmp_path / "other").with_suffix(".pub"))


def test_no_signature_is_seen(released: Path, key: Path) -> None:
    with pytest.raises(ReleaseError, match="is not signed by"):
        verify(released, key.with_suffix(".pub"))
    assert not (released / SIGNATURE).exists()


@pytest.mark.parametrize("harm", [Path.unlink, lambda path: path.write_text("{ }")])
def test_a_changed_or_missing_file_is_seen(released: Path, key: Path, harm) -> None:
    sign(released, key, None)
    harm(released / "sbom" / "image.cdx.json")
    with pytest.raises(ReleaseError, match=r"sbom/image\.cdx\.json is missing or is not the file"):
        verify(released, key.with_suffix(".pub"))


def test_a_key_with_a_password_needs_it(released: Path, tmp_path: Path) -> None:
    locked = new_key(tmp_path / "locked", "sample")
    for password in (None, "wrong"):
        with pytest.raises(ReleaseError, match="cannot be used"):
            sign(released, locked, password)
    sign(released, locked, "sample")
    verify(released, locked.with_suffix(".pub"))


def test_the_command_writes_signs_and_verifies(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["release-notes", *arguments])
        return notes.main()

    folder = str(tmp_path / "dist")
    assert run("--folder", folder, "--key", str(key)) == 0
    assert run("--folder", folder, "--verify", str(key.with_suffix(".pub"))) == 0
    assert run("--folder", folder, "--since", "no-such-tag") == 1
    assert "git does not know" in capsys.readouterr().err
