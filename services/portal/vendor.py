"""`python services/portal/vendor.py`: fetch the files of others that the portal serves.

Downloads each package of vendor.toml by npm, compares its integrity, and writes what the portal
uses of it to `static/vendor`, with a list of checksums that a test compares.
"""

import base64
import hashlib
import subprocess
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).parent
TARGET = HERE / "src" / "portal_service" / "static" / "vendor"
CHECKSUMS = TARGET / "SHA256SUMS"
# Without the files whose `:has()` rules make a long table slow (docs/adr/0025-portal.md).
COMPONENTS = (
    *("alert", "badge", "breadcrumbs", "button", "card", "details", "dialog", "divider"),
    *("error-summary", "field", "fieldset", "heading", "input", "label", "link", "list"),
    *("pagination", "paragraph", "skip-link", "tabs", "tag", "tooltip", "validation-message"),
)


def main() -> None:
    packages = tomllib.loads((HERE / "vendor.toml").read_text(encoding="utf-8"))
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        css = _fetch(packages["designsystemet"], Path(folder))
        source = css / "dist" / "src"
        parts = [_read(source / f"{name}.css") for name in COMPONENTS]
        (TARGET / "designsystemet.css").write_text(
            "@layer ds.theme, ds.base, ds.components;\n"
            f"@layer ds.base{{{_read(source / 'base.css')}}}\n"
            f"@layer ds.components{{{''.join(parts)}}}\n",
            encoding="utf-8",
        )
        theme = _read(css / "dist" / "theme" / "designsystemet.css")
        (TARGET / "designsystemet-theme.css").write_text(theme, encoding="utf-8")
        (TARGET / "LICENSE").write_text(_read(css / "LICENSE"), encoding="utf-8")
    files = sorted(path for path in TARGET.iterdir() if path != CHECKSUMS)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    CHECKSUMS.write_text("".join(lines), encoding="utf-8")


def _fetch(package: Mapping[str, str], folder: Path) -> Path:
    """The package's files. Raises SystemExit if they are not those that were chosen."""
    name = f"{package['package']}@{package['version']}"
    pack = ["npm", "pack", "--silent", name]
    done = subprocess.run(pack, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603
    archive = folder / done.stdout.strip()
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package["integrity"]:
        raise SystemExit(f"{name}: the integrity is sha512-{digest}, not the one in vendor.toml")
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
    return folder / "package"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    main()
