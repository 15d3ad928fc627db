"""What a service says about its API, as the national REST API profile asks (DIGG, API-information):
who is responsible for it, which version it is, and where it is documented."""

from datetime import date
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

API_VERSION = "1.0.0"
VERSION_PATH = "/v1"  # Before every path of an API: its major version.
_RELEASED = date(2026, 11, 1)
CONTACT = {"name": "The region's central IT", "url": "https://um-platform.example.se"}
LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}


class ApiInfo(BaseModel):
    """What this API is. The names of the members are the profile's."""

    api_name: str = Field(serialization_alias="apiName", examples=["Workflow"])
    api_version: str = Field(serialization_alias="apiVersion", examples=[API_VERSION])
    api_released: date = Field(serialization_alias="apiReleased")
    api_documentation: str = Field(serialization_alias="apiDocumentation", examples=["/docs"])
    api_status: Literal["active", "deprecated"] = Field(serialization_alias="apiStatus")


def info_router(title: str) -> APIRouter:
    """`/api-info`. It needs no token."""
    router = APIRouter(tags=["api"])

    @router.get("/api-info")
    async def api_info() -> ApiInfo:
        """The name, version and status of this API, and where it is documented."""
        return ApiInfo(
            api_name=title,
            api_version=API_VERSION,
            api_released=_RELEASED,
            api_documentation="/docs",
            api_status="active",
        )

    return router
