"""How long requests take: by route template; exemplars; what is not measured."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.exposition import generate_latest

from servicekit.http_metrics import HttpMetrics
from servicekit.metrics import HTTP_DURATION

router = APIRouter()


@router.get("/units/{unit_id}")
def unit(unit_id: str) -> str:
    return unit_id


@router.get("/fails")
def fails() -> None:
    raise ZeroDivisionError


@router.get("/refuses")
def refuses() -> Response:
    return Response(status_code=503)


@router.get("/live")
def live() -> Response:
    return StreamingResponse(iter(["data: x\n\n"]), media_type="text/event-stream")


@router.get("/secret/{name}")
def secret(name: str) -> str:
    return name


@pytest.fixture
def client() -> Iterator[TestClient]:
    HTTP_DURATION.clear()
    api = FastAPI(telemetry={"tracer_provider": TracerProvider(), "metrics": False})
    api.include_router(router, prefix="/v1")
    api.add_middleware(HttpMetrics, is_unmeasured=lambda scope: "secret" in scope["path"])
    yield TestClient(api, raise_server_exceptions=False)
    HTTP_DURATION.clear()


def counted() -> dict[tuple[str, str, str], float]:
    return {
        tuple(sample.labels.values()): sample.value  # type: ignore[misc]
        for family in HTTP_DURATION.collect()
        for sample in family.samples
        if sample.name.endswith("_count")
    }


def test_requests_are_counted_by_method_route_and_status(client: TestClient) -> None:
    for path in ("/v1/units/a", "/v1/units/b", "/v1/fails", "/v1/refuses", "/v1/nothing"):
        client.get(path)
    client.request("BREW", "/v1/units/a")
    assert counted() == {
        ("GET", "/v1/units/{unit_id}", "200"): 2,
        ("GET", "/v1/fails", "500"): 1,
        ("GET", "/v1/refuses", "503"): 1,
        ("GET", "", "404"): 1,
        ("_OTHER", "/v1/units/{unit_id}", "405"): 1,
    }


@pytest.mark.parametrize("path", ["/v1/secret/x", "/v1/live", "/health/live", "/metrics"])
def test_what_is_not_measured(client: TestClient, path: str) -> None:
    client.get(path)
    assert counted() == {}


def test_an_exemplar_leads_to_the_trace(client: TestClient) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    client.get("/v1/units/a", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"})
    assert f'# {{trace_id="{trace_id}"}}' in generate_latest(REGISTRY).decode()


def test_a_trace_that_is_not_kept_leaves_no_exemplar(client: TestClient) -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    client.get("/v1/units/a", headers={"traceparent": f"00-{trace_id}-b7ad6b7169203331-00"})
    assert sum(counted().values()) == 1
    assert trace_id not in generate_latest(REGISTRY).decode()
