"""`python -m auditor published.json [--json]`: 0 if nothing was found, 1 if something was."""

import argparse
import json
import sys
from pathlib import Path

from auditor.audit import audit
from auditor.published import InputError, read


def main() -> int:
    """Check a file and print the report."""
    parser = argparse.ArgumentParser(prog="auditor", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    chosen = parser.parse_args()
    try:
        published = read(json.loads(chosen.file.read_text(encoding="utf-8")))
    except (OSError, ValueError, InputError) as error:
        print(f"{chosen.file} cannot be read: {error}", file=sys.stderr)
        return 2
    report = audit(published)
    print(json.dumps(report.as_json(), indent=2) if chosen.json else report.as_text())
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
