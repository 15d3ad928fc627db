"""The licence of every package, recorded in licences.toml, and which licences are accepted.

The image must be free to pass on with the platform; programs that only tests and tools run may
be under any free licence.
"""

import tomllib
from collections.abc import Iterator, Mapping
from email.message import Message
from functools import cache
from importlib.metadata import PackageNotFoundError, metadata
from typing import cast

from license_expression import get_spdx_licensing

from release.lock import IMAGES, ROOT, foreign, reached_from

RECORD = ROOT / "infra" / "release" / "licences.toml"
IN_THE_IMAGE = {
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
}
IN_TOOLS = IN_THE_IMAGE | {
    "CC0-1.0",
    "GPL-2.0-only",
    "GPL-2.0-only WITH Classpath-exception-2.0",
    "GPL-2.0-or-later",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "LGPL-3.0-or-later",
}
_SPDX = get_spdx_licensing()
_SPDX_OF = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}


@cache
def recorded() -> dict[str, str]:
    """Package > SPDX expression."""
    return tomllib.loads(RECORD.read_text(encoding="utf-8"))


def stated(package: str) -> str | None:
    """What the installed package says, as an SPDX expression; None if it says nothing exact."""
    try:
        says = cast(Message, metadata(package))
    except PackageNotFoundError:
        return None
    if expression := says.get("License-Expression"):
        return str(expression)
    classifiers = (line.rpartition(" :: ")[2] for line in says.get_all("Classifier") or ())
    spdx = sorted({_SPDX_OF[name] for name in classifiers if name in _SPDX_OF})
    if spdx:
        return " OR ".join(spdx)
    written = str(says.get("License") or "")
    return written if written in IN_TOOLS else None


def faults(record: Mapping[str, str], states: Mapping[str, str | None]) -> Iterator[str]:
    """What is wrong: unknown or unrecorded packages, refused licences, a record that differs."""
    shipped = reached_from(*IMAGES["platform"])
    for package in record.keys() - foreign().keys():
        yield f"{package} is recorded but no longer locked"
    for package in foreign():
        licence = record.get(package)
        if licence is None:
            yield f"{package} is not recorded; it says {states.get(package)}"
            continue
        allowed = IN_THE_IMAGE if package in shipped else IN_TOOLS
        if not accepted(licence, allowed):
            yield f"{package} is under {licence}, which is not accepted"
        says = states.get(package)
        if says is not None and not same(says, licence):
            yield f"{package} says {says}, but {licence} is recorded"


def accepted(expression: str, allowed: set[str]) -> bool:
    """Whether a choice that the expression leaves is allowed throughout."""
    tree = _SPDX.parse(expression, validate=True).simplify()
    return bool(_holds(tree, allowed))


def _holds(tree: object, allowed: set[str]) -> bool:
    parts = getattr(tree, "args", ())
    if not parts:
        return str(tree) in allowed
    choose = any if type(tree).__name__ == "OR" else all
    return str(tree) in allowed or choose(_holds(part, allowed) for part in parts)


def same(first: str, second: str) -> bool:
    """Whether two SPDX expressions mean the same."""
    return bool(_SPDX.is_equivalent(first, second))
