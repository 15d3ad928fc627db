"""What any operation may answer besides its own: problem documents, described once per service."""

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from servicekit.problems import Problem

_PROBLEMS = {
    400: "The Idempotency-Key header is missing.",
    401: "No valid token.",
    403: "The role or the unit scope does not allow it.",
    404: "There is no such thing, or not for this caller.",
    409: "Not possible as things stand; `code` and `detail` tell why.",
    413: "The body is too large.",
    422: "The request is not valid; `errors` tells where.",
    503: "Something needed does not answer. Nothing was changed.",
}
_ALWAYS = (401, 403, 422, 503)


class DocumentedApi(FastAPI):
    """FastAPI whose OpenAPI document lists the problems of each operation (RFC 9457)."""

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    operation["responses"] |= {
                        str(status): {"$ref": f"#/components/responses/{status}"}
                        for status in sorted(_statuses(path, method, operation))
                    }
            _describe(document.setdefault("components", {}))
        assert self.openapi_schema
        return self.openapi_schema


def _statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    yield from _ALWAYS
    if "{" in path:
        yield 404
    if method in ("post", "put", "patch", "delete"):
        yield 409
    if "requestBody" in operation:
        yield 413
    if method == "post":
        yield 400


def _describe(components: dict[str, Any]) -> None:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas = components.setdefault("schemas", {})
    schemas |= {**schema.pop("$defs"), "Problem": schema}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["responses"] = {
        str(status): {
            "description": description,
            "content": {
                "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
            },
        }
        for status, description in _PROBLEMS.items()
    }
