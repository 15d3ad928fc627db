"""The command line of the local stack: up, down, status, logs, token, run, artifacts."""

import sys

try:
    from devstack.cli import main

    sys.exit(main(sys.argv[1:]))
except KeyboardInterrupt:  # so early that nothing is started yet
    sys.exit(130)
