"""A file of settings, a line `NAME=value` for each, as shells, Compose and systemd read it."""

from pathlib import Path

from servicekit.private_file import replace_file


class SettingsFile:
    """One that only its owner may read; a file that is not there has no settings.

    A value may be in single quotes, and keeps them. The last line of a name counts.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def value(self, name: str) -> str | None:
        """Without its quotes. Raises OSError."""
        found = self._raw(name)
        return found and _unquoted(found)

    def note(self, name: str) -> str | None:
        """What a comment beside the setting says. Raises OSError."""
        return self._last(_NOTE.format(name))

    def set(self, name: str, value: str, note: str | None) -> None:
        """Value and note change at the same moment. Raises OSError."""
        quoted = (self._raw(name) or "").startswith("'")
        of_it = (f"{name}=", _NOTE.format(name))
        lines = [line for line in self._lines() if not line.startswith(of_it)]
        if note:
            lines.append(f"{_NOTE.format(name)}{note}")
        lines.append(f"{name}='{value}'" if quoted else f"{name}={value}")
        replace_file(self._path, "".join(f"{line}\n" for line in lines).encode())

    def _raw(self, name: str) -> str | None:
        return self._last(f"{name}=")

    def _last(self, beginning: str) -> str | None:
        found = [line for line in self._lines() if line.startswith(beginning)]
        return found[-1].removeprefix(beginning).strip() if found else None

    def _lines(self) -> list[str]:
        return self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []


_NOTE = "# {}: "


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text
