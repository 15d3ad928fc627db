"""Bring uv and the locked environment to a machine that has only Python >= 3.11.

Standard library only. Versions and hashes come from uv.lock; a file with another hash is refused.
A second run changes nothing and needs no network.
"""

import fcntl
import hashlib
import io
import os
import platform
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
TOOLS = CHECKOUT / ".tools"
UV = TOOLS / "bin" / "uv"
STAMP = CHECKOUT / ".venv" / "synced"  # what the environment was last made from
# What Debian trusts; a network's own certificate authority may stand there.
TRUSTED = Path("/etc/ssl/certs/ca-certificates.crt")


class BootstrapError(Exception):
    """A prerequisite cannot be obtained; the text is one sentence that names the remedy."""


def main() -> int:
    """Prepare the environment; messages go to standard error."""
    if sys.version_info < (3, 11):  # noqa: UP036
        print(
            f"setup: Python {platform.python_version()} is too old: install Python >= 3.11",
            file=sys.stderr,
        )
        return 1
    try:
        TOOLS.mkdir(exist_ok=True)
        with (TOOLS / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            wanted = fingerprint()
            if not STAMP.exists() or STAMP.read_text(encoding="utf-8") != wanted:
                obtain_uv()
                sync()
                STAMP.write_text(wanted, encoding="utf-8")
    except (BootstrapError, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    return 0


def fingerprint() -> str:
    """A hash of everything that the environment depends on."""
    digest = hashlib.sha256(f"{CHECKOUT} {sys.version}".encode())
    patterns = ("pyproject.toml", "uv.lock", "*/*/pyproject.toml", "*/pyproject.toml")
    for path in sorted(path for pattern in patterns for path in CHECKOUT.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def obtain_uv() -> None:
    """Put the locked version of uv into .tools; raises BootstrapError."""
    package = locked_uv()
    version = package["version"]
    if UV.exists() and installed_version() == version:
        return
    say(f"fetching uv {version}")
    wheel = matching_wheel(package["wheels"])
    content = download(wheel["url"])
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != wheel["hash"]:
        raise BootstrapError("the downloaded uv has not the SHA-256 of uv.lock: try again")
    member = f"uv-{version}.data/scripts/uv"
    UV.parent.mkdir(parents=True, exist_ok=True)
    fresh = UV.with_name("uv.new")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        fresh.write_bytes(archive.read(member))
    fresh.chmod(0o755)
    fresh.replace(UV)


def locked_uv() -> dict[str, Any]:
    """uv's own entry in uv.lock."""
    import tomllib  # not at the top: an older Python shall get main's sentence, not a traceback

    with (CHECKOUT / "uv.lock").open("rb") as file:
        packages = tomllib.load(file)["package"]
    return next(package for package in packages if package["name"] == "uv")


def installed_version() -> str:
    """The version of .tools/bin/uv, or '' when it does not run."""
    command = [str(UV), "--version"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=30)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.removeprefix("uv ").partition(" ")[0].strip()


def matching_wheel(wheels: list[dict[str, str]]) -> dict[str, str]:
    """The wheel for this machine; raises BootstrapError when there is none."""
    machine = platform.machine().lower()
    kind = {"Linux": "manylinux", "Darwin": "macosx"}.get(platform.system(), platform.system())
    for wheel in wheels:
        name = wheel["url"].rpartition("/")[2]
        if kind in name and name.removesuffix(".whl").endswith(machine) | (f"_{machine}." in name):
            return wheel
    raise BootstrapError(
        f"there is no uv for {platform.system()} on {machine}: install uv yourself as {UV}"
    )


def download(url: str) -> bytes:
    """The content of `url`; the caller checks its hash. Raises BootstrapError."""
    try:
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ssl.SSLCertVerificationError):
                raise
            # A bare machine has no certificates. The pinned hash vouches for the content.
            context = ssl._create_unverified_context()  # noqa: S323
            with urllib.request.urlopen(url, timeout=60, context=context) as answer:  # noqa: S310
                return bytes(answer.read())
    except OSError as error:
        raise BootstrapError(
            f"uv cannot be downloaded ({error}): check the network or set HTTPS_PROXY, and repeat"
        ) from error


def sync() -> None:
    """Make .venv what uv.lock says; raises BootstrapError."""
    say("syncing the environment (the first time takes a minute or two)")
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    environment.pop("VIRTUAL_ENV", None)  # an active environment elsewhere is not ours
    if TRUSTED.exists():
        environment.setdefault("SSL_CERT_FILE", str(TRUSTED))
    command = [str(UV), "sync", "--locked", "--python", sys.executable]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=sys.stderr)  # noqa: S603
    if done.returncode != 0:
        raise BootstrapError(
            "the environment could not be made: if uv.lock is out of date run '.tools/bin/uv lock',"
            " if a certificate was refused set SSL_CERT_FILE to your network's authorities,"
            " else check the network and repeat"
        )


def say(what: str) -> None:
    print(f"setup: {what}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
