"""The command line of the local stack: up, down, status, logs, token, run, artifacts."""

import sys

from devstack.cli import main

sys.exit(main(sys.argv[1:]))
