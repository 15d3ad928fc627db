"""The signed account of a drill, and the metrics by which others know of the last one."""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from devstack.files import write_atomically
from devstack.options import StackError

COMPLETED = "backup_drill_completed_timestamp_seconds"
FAILED = "backup_drill_failed_timestamp_seconds"
_FIGURES = ("rpo_seconds", "rto_seconds")
_PEM = serialization.Encoding.PEM


def make_key(path: Path) -> None:
    """A new key to sign with, and `<path>.pub` to verify with; one that is there is left."""
    if path.exists():
        return
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(_PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_atomically(path, private.decode())
    write_atomically(path.with_name(f"{path.name}.pub"), public.decode(), 0o644)


def write(folder: Path, found: dict[str, Any], key: Path) -> Path:
    """Write the report, its signature beside it, and the drill's metrics.

    `found["passed"]` says whether it was passed; `rpo_seconds` and `rto_seconds`, where they are,
    become metrics of one that was. Returns the report's path. Raises StackError.
    """
    secret = _loaded(serialization.load_pem_private_key, key, None)
    if not isinstance(secret, Ed25519PrivateKey):
        raise StackError(f"{key} is not an Ed25519 key")
    now = datetime.now(UTC)
    path = folder / f"restore-drill-{now:%Y%m%dT%H%M%SZ}.json"
    text = json.dumps({"written_at": now.isoformat(), **found}, indent=1, sort_keys=True) + "\n"
    write_atomically(path, text, 0o644)
    signature = b64encode(secret.sign(text.encode())).decode() + "\n"
    write_atomically(_signature(path), signature, 0o644)
    _write_metrics(folder, found, now)
    return path


def verify(path: Path, public_key: Path) -> dict[str, Any]:
    """The report, if its signature fits. Raises StackError."""
    key = _loaded(serialization.load_pem_public_key, public_key)
    if not isinstance(key, Ed25519PublicKey):
        raise StackError(f"{public_key} is not an Ed25519 key")
    try:
        text = path.read_bytes()
        key.verify(b64decode(_signature(path).read_text(encoding="utf-8")), text)
        found: dict[str, Any] = json.loads(text)
    except OSError as error:
        raise StackError(f"{error.filename} cannot be read") from error
    except (InvalidSignature, ValueError) as error:
        raise StackError(f"{path} was not signed with {public_key}, or was changed") from error
    return found


def _write_metrics(folder: Path, found: dict[str, Any], now: datetime) -> None:
    """One that was not passed has a file of its own: the last one that was is still known."""
    if found["passed"]:
        file, values = "restore-drill.prom", {COMPLETED: round(now.timestamp())}
        values |= {f"backup_drill_{name}": found[name] for name in _FIGURES if name in found}
    else:
        file, values = "restore-drill-failed.prom", {FAILED: round(now.timestamp())}
    lines = [f"# TYPE {name} gauge\n{name} {value}\n" for name, value in values.items()]
    write_atomically(folder / file, "".join(lines), 0o644)


def _signature(path: Path) -> Path:
    return path.with_suffix(".sig")


def _loaded(load: Any, path: Path, *more: Any) -> Any:
    try:
        return load(path.read_bytes(), *more)
    except (OSError, ValueError, TypeError) as error:
        raise StackError(f"the key {path} cannot be used") from error
