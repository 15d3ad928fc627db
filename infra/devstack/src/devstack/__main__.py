"""The command line of the local stack; `--help` lists its commands."""

import sys

try:
    from devstack.cli import main

    sys.exit(main(sys.argv[1:]))
except KeyboardInterrupt:  # so early that nothing is started yet
    sys.exit(130)
