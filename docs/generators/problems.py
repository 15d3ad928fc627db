"""docs/generated/problems.md: every problem code a client can meet, found in the source."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from servicekit.problems import HTTP_CODES, STATUS

_FOLDERS = ("shared/servicekit/src", "services")
_REFUSED = 409  # what a rule's `Reason` becomes
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def _codes(tree: ast.AST) -> Iterator[tuple[str, int | None]]:
    """(code, status) of `...Error("code", "kind", ...)`, `ProblemError(status, "code", ...)`,
    `render(request, status, "code", ...)`, `Reason("code", ...)`, `.raise_if_any("code", ...)`
    and classes' `code = "..."`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name), args=args) if _refuses(name):
                given = [arg.value for arg in args[:3] if isinstance(arg, ast.Constant)]
                known = [STATUS.get(str(value), value) for value in given]
                status = next((value for value in known if isinstance(value, int)), None)
                status = _REFUSED if name == "Reason" else status
                yield from ((str(text), status) for text in given if _is_code(text))
            case ast.Call(
                func=ast.Attribute(attr="raise_if_any"), args=[ast.Constant(value=str(text)), _]
            ):
                yield text, STATUS["invalid"]
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(text)))
                | ast.keyword(arg="code", value=ast.Constant(value=str(text)))
            ) if _is_code(text):
                yield text, None


def _refuses(name: str) -> bool:
    return name.endswith("Error") or name in ("Reason", "render")


def _is_code(text: object) -> bool:
    return isinstance(text, str) and _CODE.fullmatch(text) is not None


def files(root: Path) -> dict[Path, str]:
    places: dict[str, set[str]] = defaultdict(set)
    statuses: dict[str, set[int]] = defaultdict(set)
    for status, code in HTTP_CODES.items():
        places[code].add("servicekit")
        statuses[code].add(status)
    for folder in _FOLDERS:
        for path in sorted(
            (root / folder).rglob("src/**/*.py" if folder == "services" else "*.py")
        ):
            owner = path.relative_to(root).parts[1]
            for code, found in _codes(ast.parse(path.read_text())):
                places[code].add(owner)
                statuses[code] |= {found} if found else set()
    lines = [
        "# Problems",
        "",
        "Generated from the source. Every error is `application/problem+json` (RFC 9457); `type`",
        "is `https://um-platform.example.se/problems/<code>`. Codes are stable; `detail` tells",
        "what was wrong and what to do.",
        "",
        "| code | status | from |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{code}` | {' '.join(map(str, sorted(statuses[code])))} | {', '.join(sorted(owners))} |"
        for code, owners in sorted(places.items())
    ]
    return {Path("docs/generated/problems.md"): "\n".join(lines)}
