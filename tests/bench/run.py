"""Entry point of `make bench`: puts tests/ on the path, so that `bench` and `support` import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.cli import main

if __name__ == "__main__":
    sys.exit(main())
