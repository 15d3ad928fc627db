"""Keys change in a file of settings, and a rotation that was interrupted goes on."""

import json
import subprocess
import sys
from pathlib import Path

import dotenv
import pytest

from devstack.files import read_env
from servicekit import key_rotation
from servicekit.settings_file import SettingsFile

NAME = "PORTAL_SESSIONS__KEYS"
OLD = "a-key-that-was-there-before-of-32-characters"


class Operator:
    """Gives the command; the restart that it wants writes down the keys that processes get."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.file, self._seen = folder / "settings", folder / "seen"
        self.file.write_text(f"# others\nOTHER='[\"x\"]'\n{NAME}='[\"{OLD}\"]'\nLAST=1\n")
        self._monkeypatch = monkeypatch
        monkeypatch.delenv(NAME, raising=False)

    def give(
        self, *options: str, restarts: int = 9, name: str = NAME, restart: str | None = None
    ) -> int:
        """Returns the command's exit code. More than so many restarts fail."""
        seen = self._seen
        counted = f"sh -c 'printenv {NAME} >> {seen}; test $(wc -l < {seen}) -le {restarts}'"
        restart = counted if restart is None else restart
        argv = ["key_rotation", name, "--settings", str(self.file), "--restart", restart, *options]
        self._monkeypatch.setattr(sys, "argv", argv)
        try:
            key_rotation.main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    def started_with(self) -> list[list[str]]:
        """The keys at each restart."""
        text = self._seen.read_text() if self._seen.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def keys(self) -> list[str]:
        found: list[str] = json.loads(SettingsFile(self.file).value(NAME) or "")
        return found


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    return Operator(tmp_path, monkeypatch)


def test_every_process_reads_a_key_before_one_uses_it(operator: Operator) -> None:
    assert operator.give() == 0
    new, former = operator.keys()
    assert former == OLD
    assert operator.started_with() == [[OLD, new], [new, OLD]]


def test_the_rest_of_the_file_stays(operator: Operator) -> None:
    assert operator.give() == 0
    new, _ = operator.keys()
    assert operator.file.read_text() == (
        f'# others\nOTHER=\'["x"]\'\nLAST=1\n{NAME}=\'["{new}", "{OLD}"]\'\n'
    )


@pytest.mark.parametrize("former", [OLD, """it's "$HOME" `date` \\ \\' # å"""])
def test_every_reader_of_the_file_reads_the_same(operator: Operator, former: str) -> None:
    """A shell, the local stack, and dotenv, which takes out more escapes than Compose does."""
    operator.file.write_text(f"{NAME}={json.dumps([former])}\n")
    assert operator.give() == 0
    script = f'set -eu; . "$1"; printf %s "${NAME}"'
    in_a_shell = subprocess.run(
        ["bash", "-c", script, "_", operator.file], capture_output=True, check=True, text=True
    ).stdout
    assert json.loads(in_a_shell) == [operator.keys()[0], former]
    assert read_env(operator.file)[NAME] == in_a_shell
    assert dotenv.dotenv_values(operator.file)[NAME] == in_a_shell


def test_a_setting_from_elsewhere_is_put_into_the_file_when_it_is_asked_for(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator.file.unlink()
    monkeypatch.setenv(NAME, json.dumps([OLD]))
    assert operator.give("--from-environment") == 0
    assert operator.keys()[1:] == [OLD]


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--drop-former",)])
def test_a_setting_from_elsewhere_is_else_refused(
    operator: Operator,
    options: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(NAME, json.dumps([OLD]))
    operator.file.write_text("OTHER=1\n")
    assert operator.give(*options) == 1
    assert f"{NAME} is not in {operator.file}" in capsys.readouterr().err
    assert operator.file.read_text() == "OTHER=1\n"
    operator.file.unlink()
    assert operator.give(*options) == 1
    assert f"{operator.file} does not exist" in capsys.readouterr().err
    assert not operator.file.exists()
    assert operator.started_with() == []


def test_a_comment_of_a_person_is_no_note(operator: Operator) -> None:
    comment = f"# {NAME}: ask the operator before you change it\n"
    operator.file.write_text(comment + operator.file.read_text())
    assert operator.give() == 0
    assert len(operator.keys()) == 2
    assert comment in operator.file.read_text()


@pytest.mark.parametrize("option", ["--dry-run", "--drop-former"])
def test_a_note_that_is_not_known_is_refused(
    operator: Operator, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = f"#@servicekit {NAME}: of a later release\n{NAME}='[\"{OLD}\"]'\n"
    operator.file.write_text(content)
    for options in ((), (option,)):
        assert operator.give(*options) == 1
        assert "a note that this command does not know" in capsys.readouterr().err
    assert operator.file.read_text() == content
    assert operator.started_with() == []


@pytest.mark.parametrize("restart", ["docker 'compose", "", " "])
def test_a_restart_that_is_no_command_is_refused_before_any_change(
    operator: Operator, restart: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = operator.file.read_text()
    assert operator.give(restart=restart) == 2
    assert "--restart: no command of a shell" in capsys.readouterr().err
    assert operator.file.read_text() == before


@pytest.mark.parametrize(
    ("restarts", "where"), [(0, "the last key is new"), (1, "the first key is new")]
)
def test_a_rotation_that_stopped_half_way_says_so_and_goes_on(
    operator: Operator, restarts: int, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """So many restarts succeed; the next one fails."""
    assert operator.give(restarts=restarts) == 1
    said = capsys.readouterr().err
    assert "ended with 1" in said
    assert where in said
    assert "give the same command again" in said
    assert operator.give("--dry-run") == 0
    assert where in capsys.readouterr().out
    between = operator.keys()
    assert operator.give() == 0
    assert operator.keys() == sorted(between, key=OLD.__eq__)  # no third one
    assert operator.give("--dry-run") == 0
    assert "no rotation is under way; keys: 2" in capsys.readouterr().out


def test_former_keys_are_dropped_when_it_is_asked_for(operator: Operator) -> None:
    assert operator.give() == 0
    new, _ = operator.keys()
    assert operator.give("--drop-former") == 0
    assert operator.keys() == [new]
    assert operator.started_with()[-1] == [new]


def test_no_key_is_dropped_while_a_rotation_is_under_way(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.give(restarts=0) == 1
    before = operator.keys()
    assert operator.give("--drop-former") == 1
    assert "finish the rotation first" in capsys.readouterr().err
    assert operator.keys() == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", f"{NAME} is not in "),
        (f"{NAME}=[1]", "no JSON list of keys"),
        (f"{NAME}=[]", "no JSON list of keys"),
        (f"{NAME}={OLD}", "no JSON list of keys"),
        (f'#@servicekit {NAME}: {key_rotation._ADDED}\n{NAME}=["{OLD}"]', "one key only"),
    ],
)
def test_what_is_no_list_of_keys_stays_as_it_is(
    operator: Operator, content: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    operator.file.write_text(content)
    assert operator.give() == 1
    answer = capsys.readouterr().err
    assert said in answer
    assert OLD not in answer
    assert operator.file.read_text() == content
    assert operator.started_with() == []


def test_another_setting_is_refused(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    assert operator.give(name="NOTIFICATION_WEBHOOK__ALLOWED_HOSTS") == 2
    assert "no setting with keys" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_said(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(NAME, json.dumps([OLD]))
    operator.file = operator.file.parent / "absent" / "settings"
    assert operator.give("--from-environment") == 1
    assert "No such file or directory" in capsys.readouterr().err
    assert operator.started_with() == []
