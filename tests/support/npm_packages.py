"""The pinned npm packages of the tests, downloaded once per user: axe, vnu, and a Chromium.

A folder exists in the cache only when its archive had the integrity of npm_packages.toml.
`python -m support.npm_packages` fetches all, so that the tests need no network.
"""

import base64
import fcntl
import hashlib
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

from devstack.artifacts import cache_root

PINNED = Path(__file__).with_name("npm_packages.toml")
NODE = Path(sys.executable).with_name("node")
NPM = Path(sys.executable).with_name("npm")


class PackageUnavailable(Exception):
    """A package could not be had; the text says why."""


def npm_package(name: str, prepare: Callable[[Path], None] = lambda _: None) -> Path:
    """The folder of a package of npm_packages.toml, as `prepare` left it after the download.

    Raises PackageUnavailable.
    """
    pinned = tomllib.loads(PINNED.read_text(encoding="utf-8"))[name]
    folder = cache_root() / f"npm-{name}-{pinned['version']}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"npm-{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}-") as scratch:
                found = _download(pinned, Path(scratch))
                prepare(found)
                found.rename(folder)
    return folder


def _download(pinned: dict[str, str], scratch: Path) -> Path:
    wanted = f"{pinned['package']}@{pinned['version']}"
    pack = [str(NPM), "pack", "--silent", "--ignore-scripts", wanted]
    try:
        done = subprocess.run(pack, cwd=scratch, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", "") or str(error)
        raise PackageUnavailable(f"npm does not give {wanted}: {why.strip()}") from error
    archive = scratch / done.stdout.split()[-1]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != pinned["integrity"]:
        raise PackageUnavailable(f"{wanted} has the integrity sha512-{digest}, which is not pinned")
    with tarfile.open(archive) as opened:
        opened.extractall(scratch, filter="data")
    return scratch / "package"


def main() -> None:
    from support.browser import executable  # it knows how its package is unpacked

    executable()
    for name in ("axe", "vnu"):
        npm_package(name)


if __name__ == "__main__":
    main()
