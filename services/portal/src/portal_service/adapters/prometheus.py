"""The alerts that fire, asked of Prometheus."""

import httpx
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from portal_service.application.ports import AlertsAway
from portal_service.domain.alert import Alert

_DEADLINE_SECONDS = 3


class _Alert(BaseModel):
    state: str
    labels: dict[str, str]
    annotations: dict[str, str]
    active_at: AwareDatetime = Field(alias="activeAt")


class _Data(BaseModel):
    alerts: list[_Alert]


class _Answer(BaseModel):
    data: _Data


class PrometheusAlerts:
    """The port `Alerts`. Without a `url` there is nobody to ask."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    async def firing(self) -> list[Alert] | None:
        if not self._url:
            return None
        try:
            async with httpx.AsyncClient(timeout=_DEADLINE_SECONDS, trust_env=False) as client:
                answer = (await client.get(f"{self._url}/api/v1/alerts")).raise_for_status()
            found = _Answer.model_validate_json(answer.content).data.alerts
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
            raise AlertsAway(type(error).__name__) from error
        fire = [_to_alert(one) for one in found if one.state == "firing"]
        return sorted(fire, key=lambda one: (not one.is_urgent, one.since))


def _to_alert(one: _Alert) -> Alert:
    return Alert(
        one.labels.get("alertname", ""),
        one.labels.get("severity") == "page",
        one.annotations.get("summary", ""),
        one.annotations.get("runbook_url", "").removeprefix("docs/runbooks/"),
        one.active_at,
    )
