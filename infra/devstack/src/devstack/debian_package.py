"""Files of a Debian package, without installing it: unpacked in the cache.

apt checks the package against Debian's signatures. Its lists are kept in the cache too, so neither
root nor the machine's own lists are needed.
"""

import fcntl
import shutil
import subprocess
import tempfile
from pathlib import Path

from devstack.artifacts import Report, cache_root
from devstack.options import StackError

_SECONDS = 300


def program(package: str, name: str, report: Report = lambda note: None) -> str:
    """The path of a program of the package, from the PATH if it is there. Raises StackError when
    it cannot be had."""
    return shutil.which(name) or str(unpacked(package, report) / "usr" / "bin" / name)


def unpacked(package: str, report: Report = lambda note: None) -> Path:
    """The folder with all files of the package. Raises StackError when it cannot be had."""
    folder = cache_root() / f"debian-{package}"
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / f"debian-{package}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.is_dir():
                report(f"fetching Debian's package {package}")
                _fetch(package, folder)
    return folder


def _fetch(package: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        work = Path(scratch)
        for name in ("state/lists/partial", "cache/archives/partial", "unpacked"):
            (work / name).mkdir(parents=True)
        apt = (
            *("apt-get", "-qq", "-o", f"Dir::State={work}/state", "-o", f"Dir::Cache={work}/cache"),
            *("-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "APT::Sandbox::User=root"),
        )
        try:
            _run((*apt, "update"), work)
            _run((*apt, "download", package), work)
            (archive,) = work.glob("*.deb")
            _run(("dpkg-deb", "-x", str(archive), str(work / "unpacked")), work)
        except (OSError, subprocess.SubprocessError) as error:
            said = getattr(error, "stderr", "") or str(error)
            raise StackError(
                f"cannot get Debian's package {package}: install it yourself, or check the network"
                f" and repeat ({said.strip()})"
            ) from error
        (work / "unpacked").chmod(0o755)
        (work / "unpacked").rename(folder)


def _run(command: tuple[str, ...], folder: Path) -> None:
    subprocess.run(  # noqa: S603
        command, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS
    )
