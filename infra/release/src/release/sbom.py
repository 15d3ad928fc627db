"""`make sbom`: a bill of materials (CycloneDX) of each image and wheel, written to dist/sbom.

It lists what uv.lock installs, with every file's SHA-256 and each package's licence. The same
commit gives the same bytes. The operating system of the base image is named by its digest only.
"""

import json
import os
import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from release.licences import recorded
from release.lock import IMAGES, ROOT, own, packages

UV = ROOT / ".tools" / "bin" / "uv"
OUR_LICENCE = "EUPL-1.2"


def bills() -> dict[str, dict[str, Any]]:
    """File name > CycloneDX document, for every image and wheel of this commit."""
    images = {
        f"image-{name}.cdx.json": _image(name, roots) for name, roots in sorted(IMAGES.items())
    }
    wheels = {
        f"wheel-{name}.cdx.json": _document({"type": "library", "name": name}, (name,))
        for name in own()
    }
    return images | wheels


def _image(name: str, roots: tuple[str, ...]) -> dict[str, Any]:
    document = _document({"type": "container", "name": f"um-platform-{name}"}, roots)
    document["components"].append(base_image())
    return document


def base_image() -> dict[str, str]:
    """The image that ours stand on, as the Dockerfile names it."""
    text = (ROOT / "infra" / "docker" / "Dockerfile").read_text(encoding="utf-8")
    found = re.search(r"^FROM (\S+):(\S+)@(sha256:\S+) AS base$", text, re.MULTILINE)
    if found is None:
        raise ValueError("the Dockerfile names no base image with a digest")
    name, tag, digest = found.groups()
    purl = f"pkg:oci/{name}@{digest.replace(':', '%3A')}?tag={tag}"
    return {"type": "container", "name": name, "version": f"{tag}@{digest}", "purl": purl}


def _document(component: dict[str, str], roots: tuple[str, ...]) -> dict[str, Any]:
    command = [str(UV), "export", "--quiet", "--frozen", "--no-dev", "--format", "cyclonedx1.5"]
    wanted = [part for root in roots for part in ("--package", root)]
    done = subprocess.run(  # noqa: S603
        [*command, *wanted], cwd=ROOT, capture_output=True, text=True, check=True
    )
    document: dict[str, Any] = json.loads(done.stdout)
    for part in document["components"]:
        licence = recorded().get(part["name"], OUR_LICENCE)
        part["licenses"] = [
            {"expression": licence} if " " in licence else {"license": {"id": licence}}
        ]
    version = packages()[roots[0]]["version"]
    document["metadata"]["component"] = {**component, "version": version}
    document["metadata"]["timestamp"] = commit_time().strftime("%Y-%m-%dT%H:%M:%SZ")
    del document["serialNumber"]
    name = f"{component['name']}:{json.dumps(document, sort_keys=True)}"
    return {**document, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"}


def commit_time() -> datetime:
    """The time of the last commit, or SOURCE_DATE_EPOCH where a build sets it."""
    stamp = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.check_output(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607
        cwd=ROOT,
        text=True,
    )
    return datetime.fromtimestamp(int(stamp), UTC)


def main() -> int:
    folder = ROOT / "dist" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in bills().items():
        Path(folder / name).write_text(json.dumps(document, indent=1, sort_keys=True) + "\n")
        print(f"wrote dist/sbom/{name}: {len(document['components'])} components")
    return 0


if __name__ == "__main__":
    sys.exit(main())
