"""A file of settings, a line `NAME=value` for each, as shells, Compose and systemd read it."""

import stat
from pathlib import Path

from servicekit.private_file import replace_file


class SettingsFile:
    """A file that is not there has no settings; one that is made is for its owner only.

    A value may be in single quotes, and is written in them: so every reader reads the same. The
    last line of a name counts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def value(self, name: str) -> str | None:
        """Without its quotes. Raises OSError."""
        found = self._last(f"{name}=")
        return found and _unquoted(found)

    def note(self, name: str) -> str | None:
        """What `set` noted beside the setting; no comment of a person's. Raises OSError."""
        return self._last(_NOTE.format(name))

    def set(self, name: str, value: str, note: str | None) -> None:
        """Value and note change at the same moment.

        Raises OSError, or ValueError for a value that single quotes cannot hold.
        """
        if set(value) & set("'\r\n"):
            raise ValueError(f"the value of {name} has a quote or a line break in it")
        mode = stat.S_IMODE(self.path.stat().st_mode) if self.path.exists() else 0o600
        of_it = (f"{name}=", _NOTE.format(name))
        lines = [line for line in self._lines() if not line.startswith(of_it)]
        if note:
            lines.append(f"{_NOTE.format(name)} {note}")
        lines.append(f"{name}='{value}'")
        replace_file(self.path, "".join(f"{line}\n" for line in lines).encode(), mode)

    def _last(self, beginning: str) -> str | None:
        found = [line for line in self._lines() if line.startswith(beginning)]
        return found[-1].removeprefix(beginning).strip() if found else None

    def _lines(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []


_NOTE = "#@servicekit {}:"


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
