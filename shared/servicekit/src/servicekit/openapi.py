"""A service's OpenAPI document: an example for every body and every answer, and the problems that
any operation may answer with, described once."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.staticfiles import StaticFiles

from servicekit.access import permission_of, sentence
from servicekit.problems import Problem
from servicekit.samples import sample_of

_PROBLEMS = {
    400: "The Idempotency-Key header is missing, or the body is not JSON.",
    401: "No valid token.",
    403: "The role or the unit scope does not allow it.",
    404: "It does not exist, or this caller may not see it.",
    409: "Not possible now; `code` and `detail` say why.",
    413: "The body is too large.",
    415: "The body has another content type than the operation takes.",
    422: "The request is not valid; `errors` lists where.",
    429: "Too many requests from this person or address: send the next after `Retry-After`.",
    503: "A needed server does not answer. Send the request again, with the same Idempotency-Key.",
}
_PAGE_FILES = str(files("fastapi_offline") / "static")
_WITH_A_TOKEN = (401, 403, 503)


class DocumentedApi(FastAPI):
    """FastAPI whose OpenAPI document lists the problems of each operation (RFC 9457), unless the
    operation describes another answer of the same status.

    `/docs` shows it to people and needs no other host: the page's files come from a package.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(docs_url=None, redoc_url=None, **options)
        self.mount("/docs/files", StaticFiles(directory=_PAGE_FILES), name="docs-files")
        self.add_route("/docs", self._docs, include_in_schema=False)

    async def _docs(self, request: Request) -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=str(self.openapi_url),
            title=self.title,
            swagger_js_url="/docs/files/swagger-ui-bundle.js",
            swagger_css_url="/docs/files/swagger-ui.css",
            swagger_favicon_url="/docs/files/favicon.png",
        )

    def openapi(self) -> dict[str, Any]:
        """The document; made once."""
        if self.openapi_schema is None:
            document = super().openapi()
            self._add_permissions(document["paths"])
            schemas = document.get("components", {}).get("schemas", {})
            for path, methods in document["paths"].items():
                for method, operation in methods.items():
                    _add_examples(operation, schemas)
                    own = {s: r for s, r in operation["responses"].items() if s != "422"}
                    operation["responses"] |= {
                        str(status): {"$ref": f"#/components/responses/{status}"}
                        for status in sorted(_statuses(path, method, operation))
                    } | own
            _describe(document.setdefault("components", {}))
        assert self.openapi_schema
        return self.openapi_schema

    def _add_permissions(self, paths: dict[str, Any]) -> None:
        for route in iter_route_contexts(self.routes):
            if not isinstance(route.original_route, APIRoute) or not route.include_in_schema:
                continue
            if (permission := permission_of(route.dependant)) is None:
                continue
            for method in route.methods or ():
                operation = paths[str(route.path)][method.lower()]
                operation["x-permission"] = permission.name
                description = operation.get("description", "")
                operation["description"] = f"{description}\n\n{sentence(permission)}".strip()


def _statuses(path: str, method: str, operation: dict[str, Any]) -> Iterator[int]:
    yield 429
    if "security" in operation:
        yield from _WITH_A_TOKEN
    if "parameters" in operation or "requestBody" in operation:
        yield 422
    if "{" in path:
        yield 404
    if method in ("post", "put", "patch", "delete"):
        yield 409
    if "requestBody" in operation:
        yield from (400, 413, 415)
    if method == "post":
        yield 400


def _add_examples(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """One for the body and one for each answer, where the schema has none of its own."""
    parts = [operation.get("requestBody", {}), *operation["responses"].values()]
    for part in parts:
        content = part.get("content", {}).get("application/json", {})
        if "schema" in content and not {"example", "examples"} & content.keys():
            content["example"] = sample_of(content["schema"], schemas)


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
