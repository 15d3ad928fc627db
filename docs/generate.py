"""Writes everything that is derived from code: schemas, samples, the event catalogue, references.

`python docs/generate.py` writes; `--check` writes nothing and lists what has drifted.
"""

import argparse
import sys
from pathlib import Path

from generators import (
    asyncapi,
    dashboards,
    dependencies,
    events,
    kafka_access,
    kubernetes,
    metrics,
    openapi,
    permissions,
    problems,
    schemas,
    settings,
    templates,
)

ROOT = Path(__file__).resolve().parents[1]
GENERATORS = (
    schemas,
    events,
    asyncapi,
    openapi,
    permissions,
    kafka_access,
    settings,
    problems,
    metrics,
    dashboards,
    templates,
    dependencies,
    kubernetes,
)


def outputs() -> dict[Path, str]:
    """Every generated file and its content, from the code as it is now."""
    files: dict[Path, str] = {}
    for generator in GENERATORS:
        for path, content in generator.files(ROOT).items():
            files[ROOT / path] = content.rstrip() + "\n"
    return files


def drifted() -> dict[Path, str]:
    """Generated files that are missing or differ from what the code says, and what it says."""
    return {
        path: content
        for path, content in outputs().items()
        if not path.exists() or path.read_text() != content
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only list what has drifted")
    check: bool = parser.parse_args().check
    stale = drifted()
    for path, content in stale.items():
        print(f"{'stale' if check else 'wrote'} {path.relative_to(ROOT)}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
    if check and stale:
        print("run: make docs", file=sys.stderr)
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
