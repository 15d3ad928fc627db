"""`make drill`: writes a signed report, and ends with 1 if something is not as it has to be."""

import argparse
import asyncio
import sys
from pathlib import Path
from typing import get_args

from devstack import CHECKOUT
from devstack.backup import report
from drill.run import Defect, Plan, drill


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make drill", description="Destroy a stack's databases under load and restore them."
    )
    parser.add_argument("--units", type=int, default=2_000, help="units to import (2000)")
    parser.add_argument(
        "--fill", type=float, default=0, metavar="GB", help="of generated rows besides (none)"
    )
    parser.add_argument("--short", action="store_true", help="20 units, and less of a disaster")
    folder = CHECKOUT / ".stack" / "drill"
    parser.add_argument("--folder", type=Path, default=folder, help="for everything it writes")
    parser.add_argument("--key", type=Path, help="to sign with (default: one that is made there)")
    parser.add_argument(
        "--defect", default="", choices=get_args(Defect), help="plant one, to see it found"
    )
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if options.key is None:
        options.key = folder / "drill.key"
        report.make_key(options.key)
    units = 20 if options.short else options.units
    plan = Plan(units, options.fill, options.short, options.defect)
    found = asyncio.run(drill(folder, plan))
    path = report.write(folder, found, options.key)
    print(f"{'passed' if found['passed'] else 'NOT passed'}; report, signed: {path}")
    return 0 if found["passed"] else 1


if __name__ == "__main__":
    sys.exit(main())
