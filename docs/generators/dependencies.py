"""docs/generated/dependencies.md: every package of others, its licence, and where it is used."""

from pathlib import Path

from release.licences import recorded
from release.lock import IMAGES, foreign, reached_from


def _table(names: list[str]) -> list[str]:
    versions, licences = foreign(), recorded()
    rows = [f"| `{name}` | {versions[name]} | {licences[name]} |" for name in names]
    return ["", "| package | version | licence |", "|---|---|---|", *rows, ""]


def files(root: Path) -> dict[Path, str]:
    shipped = reached_from(*IMAGES["platform"])
    names = sorted(foreign())
    lines = [
        "# Dependencies",
        "",
        "Generated from `uv.lock` and `infra/release/licences.toml`, in SPDX expressions.",
        "A test compares them with what the packages say and refuses those that are not accepted.",
        "",
        "## In the image of the services",
        *_table([name for name in names if name in shipped]),
        "## In the local stack, tests and tools",
        *_table([name for name in names if name not in shipped]),
    ]
    return {Path("docs/generated/dependencies.md"): "\n".join(lines)}
