"""docs/generated/problems.md: every problem code a client can meet, found in the source."""

import ast
from collections import defaultdict
from pathlib import Path

from servicekit.problems import HTTP_CODES

_FOLDERS = ("shared/servicekit/src", "services")


def _codes(tree: ast.AST) -> set[str]:
    """Kebab-case codes in `...Error("code", ...)`, `code="..."`, and subclasses' `code = "..."`."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            candidates: list[ast.expr] = [node.value]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "").endswith("Error"):
            candidates = list(node.args[:2])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            candidates = [node.value]
        else:
            continue
        for candidate in candidates:
            if isinstance(candidate, ast.Constant) and isinstance(candidate.value, str):
                text = candidate.value
                if text.replace("-", "").isalnum() and text.islower() and "-" in text:
                    found.add(text)
    return found


def files(root: Path) -> dict[Path, str]:
    places: dict[str, set[str]] = defaultdict(set)
    for code in HTTP_CODES.values():
        places[code].add("servicekit")
    for folder in _FOLDERS:
        for path in sorted(
            (root / folder).rglob("src/**/*.py" if folder == "services" else "*.py")
        ):
            owner = path.relative_to(root).parts[1]
            for code in _codes(ast.parse(path.read_text())):
                places[code].add(owner)
    lines = [
        "# Problems",
        "",
        "Generated from the source. Every error is `application/problem+json` (RFC 9457); `type`",
        "is `https://um-platform.example.se/problems/<code>`. Codes are stable; `detail` tells",
        "what was wrong and what to do.",
        "",
        "| code | from |",
        "|---|---|",
    ]
    lines += [
        f"| `{code}` | {', '.join(sorted(owners))} |" for code, owners in sorted(places.items())
    ]
    return {Path("docs/generated/problems.md"): "\n".join(lines)}
