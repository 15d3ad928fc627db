"""Write the schemas of this folder from an operator's CustomResourceDefinitions.

    python3 infra/kubernetes/schemas/convert.py VERSION FILE.yaml...

VERSION is the one that the manifests use, such as v1. Descriptions are left out, and keys that a
definition does not know are refused.
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent


def strict(schema: Any) -> Any:
    """The schema without descriptions; objects with known properties take no others."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    kept = {key: strict(value) for key, value in schema.items() if not _is_text(key, value)}
    closed = isinstance(schema.get("properties"), dict) and not schema.get(
        "x-kubernetes-preserve-unknown-fields"
    )
    if closed and schema.get("type") == "object":
        kept.setdefault("additionalProperties", False)
    return kept


def _is_text(key: str, value: Any) -> bool:
    return key == "description" and isinstance(value, str)


def main() -> None:
    wanted, *files = sys.argv[1:]
    for file in files:
        definition = yaml.safe_load(Path(file).read_text(encoding="utf-8"))["spec"]
        for version in definition["versions"]:
            if version["name"] == wanted:
                kind = definition["names"]["kind"].lower()
                schema = strict(version["schema"]["openAPIV3Schema"])
                schema["properties"]["metadata"] = {"type": "object"}
                name = f"{definition['group']}-{kind}-{wanted}.json"
                text = json.dumps(schema, sort_keys=True, separators=(",", ":"))
                (FOLDER / name).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
