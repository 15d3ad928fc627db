"""`python -m devstack.backup`."""

import sys

from devstack.backup.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
