"""Entry point of `make bench`: puts tests/ on the path, so that `bench` and `support` import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

if __name__ == "__main__":  # The processes that the bench measures import this file, too.
    from bench.cli import main

    sys.exit(main())
