"""npm's `oidc-provider`, a certified OpenID provider, as a process.

Node.js comes from PyPI, the provider and what it needs from the npm registry: each file is checked
against the hash in package-lock.json, and kept in the user's cache.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from devstack.artifacts import TRUSTED, cache_root
from integration.people.foreign.processes import answering, ended
from integration.people.foreign.relying_party import REDIRECT_URI
from support.ports import free_port

SOURCES = Path(__file__).parent / "oidc-provider"
CLIENT_SECRET = "a-secret-of-the-tests-only"


@asynccontextmanager
async def running(log: Path) -> AsyncIterator[str]:
    """The provider's issuer. Raises OSError or CalledProcessError if it cannot be had."""
    folder = await asyncio.to_thread(installed)
    port = free_port()
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(_program("node"), "provider.mjs"),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "PORT": str(port),
                "REDIRECT_URI": REDIRECT_URI,
                "CLIENT_SECRET": CLIENT_SECRET,
            },
            stdout=output,
            stderr=output,
        )
    async with ended(process):
        issuer = f"http://127.0.0.1:{port}"
        await answering(issuer, process, log, within=120)
        yield issuer


def installed() -> Path:
    """The folder with the provider and its modules, filled once per user and version."""
    sources = [SOURCES / name for name in ("package.json", "package-lock.json", "provider.mjs")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = cache_root() / f"oidc-provider-{digest}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".oidc-provider-") as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        for path in sources:
            shutil.copy(path, new)
        trusted = {"NODE_EXTRA_CA_CERTS": str(TRUSTED)} if TRUSTED.exists() else {}
        subprocess.run(
            [_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=new,
            env={**os.environ, **trusted},
            check=True,
            capture_output=True,
            timeout=240,
        )
        with suppress(OSError):  # Another test session was faster.
            new.rename(folder)
    return folder


def _program(name: str) -> str:
    return str(Path(sys.executable).parent / name)
