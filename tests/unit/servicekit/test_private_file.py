"""A file that is replaced stays where it was, and whose it was."""

import os
from pathlib import Path

import pytest

from servicekit.private_file import replace_file
from servicekit.settings_file import SettingsFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "settings.env"
    path.write_text("A=1\n")
    return path


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    replace_file(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600


def test_a_link_stays_and_what_it_names_is_replaced(path: Path) -> None:
    (path.parent / "below").mkdir()
    link = path.parent / "below" / "link"
    link.symlink_to("../settings.env")
    replace_file(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert sorted(path.parent.rglob("*")) == [path.parent / "below", link, path]


def test_owner_and_group_stay(path: Path) -> None:
    """Another's if the tests are root's, or else of another of one's groups."""
    owner = (1234, 4321) if os.geteuid() == 0 else (os.geteuid(), os.getgroups()[-1])
    os.chown(path, *owner)
    replace_file(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == owner


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o660])
def test_settings_keep_their_mode(path: Path, mode: int) -> None:
    path.chmod(mode)
    SettingsFile(path).set("A", "2", None)
    assert path.stat().st_mode & 0o777 == mode
    assert path.read_text() == "A='2'\n"


def test_content_is_on_the_disk_before_it_is_in_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        os, "fsync", lambda file: seen.append((os.fstat(file).st_size, path.read_bytes()))
    )
    replace_file(path, b"another")
    assert seen == [(7, b"A=1\n")]


def test_what_failed_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(os, "fchown", fail)
    with pytest.raises(PermissionError):
        replace_file(path, b"new")
    assert [(one, one.read_text()) for one in path.parent.iterdir()] == [(path, "A=1\n")]


def test_a_value_that_no_quotes_can_hold_is_refused(path: Path) -> None:
    for value in ("it's", "two\nlines", "end\n"):
        with pytest.raises(ValueError, match="quote or a line break"):
            SettingsFile(path).set("A", value, None)
    assert path.read_text() == "A=1\n"
