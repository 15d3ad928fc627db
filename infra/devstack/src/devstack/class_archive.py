"""Keep the classes that Java has loaded from a folder of jars, so that its next start is faster.

Java writes the archive (class-data sharing) at its exit and ignores one that does not fit its
version or the jars. A damaged one would crash it, so the file's name carries a checksum.
"""

import hashlib
import os
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

QUIET = ("-Xlog:disable", "-Xlog:all=error:stderr")  # not the many classes it leaves out


@dataclass(frozen=True)
class ClassArchive:
    """The archive beside the folder `jars` for the Java program `java`."""

    jars: Path
    java: str

    def use(self) -> tuple[str, ...]:
        """Java's options to read the archive; none if there is none. Removes a damaged one."""
        with suppress(OSError):
            for path in self.jars.parent.glob(f"{self._stem}-*.jsa"):
                if path == self._name(path):
                    return (f"-XX:SharedArchiveFile={path}", *QUIET)
                path.unlink()
        return ()

    def make(self) -> tuple[str, ...]:
        """Java's options to write the archive when it exits; call `keep` after that."""
        return (f"-XX:ArchiveClassesAtExit={self._new}", *QUIET)

    def keep(self) -> None:
        """Give what Java has written its final name; it may have written nothing."""
        with suppress(OSError):
            self._new.rename(self._name(self._new))

    @property
    def _stem(self) -> str:
        release = Path(self.java).resolve().parent.parent / "release"  # states the exact version
        version = release.read_bytes() if release.exists() else b""
        return f"{self.jars.name}-java-{hashlib.sha256(version).hexdigest()[:12]}"

    @property
    def _new(self) -> Path:
        return self.jars.with_name(f".{self._stem}-{os.getpid()}")

    def _name(self, content: Path) -> Path:
        return self.jars.with_name(f"{self._stem}-{zlib.crc32(content.read_bytes()):08x}.jsa")
