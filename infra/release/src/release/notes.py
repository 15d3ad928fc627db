"""`make release-notes`: write the notes of a release from its commits, and sign them.

    make release-notes ARGS="--since v0.1.0 --key release.key"

Writes dist/release-notes.md: each commit's subject and reason, and the SHA-256 of every file in
dist. With --key, the notes are signed by minisign into dist/release-notes.md.minisig, so that one
signature covers all files. The key's password is read from RELEASE_KEY_PASSWORD.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import minisign

from release.lock import ROOT

NAME = "release-notes.md"
SIGNATURE = f"{NAME}.minisig"


class ReleaseError(Exception):
    """The notes cannot be written, signed or verified; the text says why."""


def commits(repository: Path, since: str | None) -> list[tuple[str, str, str]]:
    """(short hash, subject, body) of each commit after `since`, newest first.

    Raises ReleaseError when there is no such revision.
    """
    span = f"{since}..HEAD" if since else "HEAD"
    command = ["git", "log", "--no-merges", "--format=%h%x00%s%x00%b%x1e", span, "--"]
    done = subprocess.run(  # noqa: S603
        command, cwd=repository, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise ReleaseError(f"git does not know the commits of {span}: {done.stderr.strip()}")
    entries = [entry.strip("\n") for entry in done.stdout.split("\x1e") if entry.strip()]
    return [tuple(entry.split("\x00", 2)) for entry in entries]  # type: ignore[misc]


def notes(repository: Path, version: str, since: str | None, folder: Path) -> str:
    """The text: what changed since the revision, and the SHA-256 of the files in `folder`."""
    lines = [f"# Release {version}", "", f"## Changes since {since or 'the beginning'}", ""]
    for short, subject, body in commits(repository, since):
        lines.append(f"- {subject} ({short})")
        lines += [f"  {line}" for line in body.splitlines() if line]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listed = [path for path in files if path.name not in (NAME, SIGNATURE)]
    lines += ["", "## Files", "", "```"]
    lines += [f"{_sha256(path)}  {path.relative_to(folder)}" for path in listed]
    return "\n".join([*lines, "```", ""])


def sign(folder: Path, key: Path, password: str | None) -> None:
    """Sign the notes of the folder. Raises ReleaseError when the key cannot be used."""
    try:
        with minisign.SecretKey.from_file(str(key)) as secret:
            if password is not None:
                secret.decrypt(password)
            signature = secret.sign((folder / NAME).read_bytes(), trusted_comment=NAME)
    except (OSError, minisign.Error) as error:
        raise ReleaseError(f"{key} cannot be used: {error}") from error
    (folder / SIGNATURE).write_bytes(bytes(signature))


def verify(folder: Path, public_key: Path) -> None:
    """Check the signature and each listed file. Raises ReleaseError and names what differs."""
    try:
        key = minisign.PublicKey.from_file(str(public_key))
        signature = minisign.Signature.from_file(str(folder / SIGNATURE))
        key.verify((folder / NAME).read_bytes(), signature)
    except (OSError, minisign.Error) as error:
        raise ReleaseError(f"{NAME} is not signed by {public_key}: {error}") from error
    listing = (folder / NAME).read_text(encoding="utf-8").rpartition("\n## Files\n\n```\n")[2]
    for line in listing.removesuffix("```\n").splitlines():
        wanted, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or _sha256(path) != wanted:
            raise ReleaseError(f"{name} is missing or is not the file that was released")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description="Write, sign or verify the notes of a release.")
    parser.add_argument("--since", help="the revision of the release before, such as v0.1.0")
    parser.add_argument("--key", type=Path, help="the secret key to sign with")
    parser.add_argument("--verify", type=Path, metavar="PUBLIC_KEY", help="only verify")
    parser.add_argument("--folder", type=Path, default=ROOT / "dist")
    options = parser.parse_args()
    try:
        if options.verify:
            verify(options.folder, options.verify)
            print(f"{options.folder / NAME} and the files that it lists are as released")
            return 0
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        options.folder.mkdir(parents=True, exist_ok=True)
        text = notes(ROOT, project["version"], options.since, options.folder)
        (options.folder / NAME).write_text(text, encoding="utf-8")
        if options.key:
            sign(options.folder, options.key, os.environ.get("RELEASE_KEY_PASSWORD"))
    except ReleaseError as error:
        print(f"release-notes: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.folder / NAME}{', signed' if options.key else ''}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
