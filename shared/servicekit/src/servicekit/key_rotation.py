"""`python -m servicekit.key_rotation`: another key in a setting that is a list of keys.

The first key of the list is used, all of them are read. So that no process meets a key that it does
not have, the new key is added at the end, the service's processes are started again, the new key is
put first, and they are started again. How far this is, is noted in the file of settings: after an
interruption the same command goes on from there.
"""

import argparse
import base64
import json
import os
import re
import secrets
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

from servicekit.settings_file import SettingsFile

_ADDED = "the last key is new, and not every process reads it yet"
_FIRST = "the first key is new, and not every process uses it yet"
_NAME = re.compile(r"[A-Z]+_[A-Z_]*KEYS")


class CannotRotate(Exception):
    """The reason, for an operator. It has no key in it; the file says how far the rotation is."""


class KeyList:
    """The setting `name`. One that is not in the file may be `from_environment`."""

    def __init__(self, file: SettingsFile, name: str, from_environment: bool) -> None:
        self._file, self._name, self._from_environment = file, name, from_environment

    @property
    def step(self) -> str | None:
        """How far a rotation is, or None if none is under way. Raises CannotRotate."""
        note = self._file.note(self._name)
        if note not in (None, _ADDED, _FIRST):
            raise CannotRotate(f"{self._name} has a note that this command does not know: {note}")
        return note

    @property
    def keys(self) -> list[str]:
        """Raises CannotRotate if it is no list of keys."""
        value = self._file.value(self._name)
        if value is None and self._from_environment:
            value = os.environ.get(self._name)
        if value is None:
            raise CannotRotate(self._absent())
        try:
            keys = json.loads(value)
        except ValueError:
            keys = None
        if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
            raise CannotRotate(f"{self._name} is no JSON list of keys")
        if self.step == _ADDED and len(keys) == 1:
            raise CannotRotate(
                f"{self._name}: {_ADDED}, says the file, but there is one key only: remove the note"
            )
        return keys

    def set(self, keys: list[str], step: str | None) -> None:
        # So that nothing is left in it that any reader takes for a quote, or for an escaped one.
        value = json.dumps(keys).replace(r"\\", r"\u005c").replace("'", r"\u0027")
        self._file.set(self._name, value, step)

    def _absent(self) -> str:
        if self._from_environment:
            return f"{self._name} is neither in the file nor in the environment"
        path = self._file.path
        why = f"{self._name} is not in {path}" if path.exists() else f"{path} does not exist"
        return f"{why}; --from-environment puts there what the environment has"


def rotate(keys: KeyList, restart: Callable[[], None]) -> None:
    """From where it is to its end. `restart` raises CannotRotate if it fails."""
    if keys.step is None:
        keys.set([*keys.keys, _new_key()], _ADDED)
    if keys.step == _ADDED:
        restart()
        *others, new = keys.keys
        keys.set([new, *others], _FIRST)
    restart()
    keys.set(keys.keys, None)


def drop_former(keys: KeyList, restart: Callable[[], None]) -> None:
    """Only the key that is used stays. Raises CannotRotate while a rotation is under way."""
    if keys.step is not None:
        raise CannotRotate(f"{keys.step}: finish the rotation first, by the command without this")
    keys.set(keys.keys[:1], None)
    restart()


def _new_key() -> str:
    """32 random bytes in URL-safe base64, which fits every such setting."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _command(text: str) -> list[str]:
    """Its words. Raises ArgumentTypeError."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"no command of a shell: {error}: {text}") from error
    if not words:
        raise argparse.ArgumentTypeError("no command of a shell: it is empty")
    return words


def _restart(command: list[str], name: str, keys: KeyList) -> None:
    """By the command, which has the setting as it is now in its environment."""
    said = shlex.join(command)
    print(f"{name}: {keys.step or 'former keys are gone'}: {said}", flush=True)
    environment = {**os.environ, name: json.dumps(keys.keys)}
    try:
        code = subprocess.run(command, env=environment, check=False).returncode  # noqa: S603
    except OSError as error:
        raise CannotRotate(f"{said}: {error}\n{_where_it_stopped(name, keys)}") from error
    if code != 0:
        raise CannotRotate(f"{said}: ended with {code}\n{_where_it_stopped(name, keys)}")


def _where_it_stopped(name: str, keys: KeyList) -> str:
    where = keys.step or "former keys are gone"
    return f"{name}: {where}. Nothing is lost: mend it, and give the same command again."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m servicekit.key_rotation", description=__doc__)
    parser.add_argument("name", metavar="NAME", help="for example PORTAL_SESSIONS__KEYS")
    parser.add_argument("--settings", type=Path, required=True, help="the file that has it")
    parser.add_argument(
        "--restart",
        required=True,
        type=_command,
        metavar="COMMAND",
        help="starts every process of the service again, and ends when they are ready",
    )
    parser.add_argument(
        "--from-environment",
        action="store_true",
        help="a setting that is not in the file is put there as the environment has it",
    )
    parser.add_argument("--drop-former", action="store_true", help="keep the key in use alone")
    parser.add_argument("--dry-run", action="store_true", help="say how far it is, change nothing")
    return parser


def main() -> None:
    """The command."""
    parser = _parser()
    arguments = parser.parse_args()
    name = arguments.name
    if not _NAME.fullmatch(name):
        parser.error(f"{name} is no setting with keys: its name ends with KEYS")
    keys = KeyList(SettingsFile(arguments.settings), name, arguments.from_environment)
    act = drop_former if arguments.drop_former else rotate
    try:
        if not arguments.dry_run:
            act(keys, lambda: _restart(arguments.restart, name, keys))
        print(f"{name}: {keys.step or 'no rotation is under way'}; keys: {len(keys.keys)}")
    except (OSError, CannotRotate) as error:
        parser.exit(1, f"key rotation: {error}\n")


if __name__ == "__main__":
    main()
