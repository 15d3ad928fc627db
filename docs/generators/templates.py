"""The JSON Schema of rollout templates, for editors and for whoever writes one."""

from pathlib import Path

from generators.schemas import dump
from workflow_service.entrypoints.http.template_schemas import TemplateDocument

TARGET = Path("docs/generated/rollout-template.schema.json")


def files(root: Path) -> dict[Path, str]:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TemplateDocument.model_json_schema(mode="validation"),
    }
    return {TARGET: dump(schema)}
