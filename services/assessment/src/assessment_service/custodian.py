"""What the custodian runs, on a computer of that one's own; nothing here needs the platform.

python -m assessment_service.custodian new-key KEY_FILE
python -m assessment_service.custodian open KEY_FILE RELEASE_ID ENVELOPE
"""

import argparse
import base64
import os
import sys
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from assessment_service.adapters.custody import open_envelope


def main() -> None:
    """Ends with 1 and a line that says why if something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m assessment_service.custodian",
        description="The custodian's key, and the shares that it opens.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new-key", help="make a key pair; the platform gets its public key")
    new.add_argument("key_file", type=Path)
    new.set_defaults(run=_new_key)
    opening = commands.add_parser("open", help="open the envelope of a release; print the share")
    opening.add_argument("key_file", type=Path)
    opening.add_argument("release_id", type=UUID)
    opening.add_argument("envelope", help="as GET /custody has it, in base64")
    opening.set_defaults(run=_open)
    arguments = parser.parse_args()
    try:
        arguments.run(arguments)
    except OSError as error:
        sys.exit(f"{arguments.key_file}: {error.strerror}")


def _new_key(arguments: argparse.Namespace) -> None:
    key = X25519PrivateKey.generate()
    new_only = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(arguments.key_file, new_only, 0o600), "wb") as file:
        file.write(base64.b64encode(key.private_bytes_raw()))
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    print(f"Keep {arguments.key_file} to yourself: without it, no result can be released.")
    print(f"ASSESSMENT_CUSTODIAN__PUBLIC_KEY={public}")


def _open(arguments: argparse.Namespace) -> None:
    try:
        key = base64.b64decode(arguments.key_file.read_bytes(), validate=True)
        envelope = base64.b64decode(arguments.envelope, validate=True)
        share = open_envelope(envelope, key, arguments.release_id)
    except (ValueError, InvalidTag):
        sys.exit("This key does not open this envelope. Is the release the right one?")
    print(base64.b64encode(share).decode())


if __name__ == "__main__":
    main()
