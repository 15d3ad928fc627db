"""What Prometheus knows, asked of its API."""

import asyncio
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from pydantic import AwareDatetime, BaseModel, Field, FiniteFloat, ValidationError

from portal_service.application.ports import MonitoringAway
from portal_service.domain.monitored import Alert, Drill, LimitMet, Monitored

_DEADLINE_SECONDS = 3
_REFUSED = "sum by (service, limit) (increase(requests_refused_total[1h]))"
_PREFIX = "backup_drill_"
_DRILLS = f'{{__name__=~"{_PREFIX}.+"}}'


class _Alert(BaseModel):
    state: str
    labels: dict[str, str]
    annotations: dict[str, str]
    active_at: AwareDatetime = Field(alias="activeAt")


class _Alerts(BaseModel):
    alerts: list[_Alert]


class _AlertsAnswer(BaseModel):
    data: _Alerts


class _Series(BaseModel):
    metric: dict[str, str]
    value: tuple[float, FiniteFloat]
    """When, and what."""


class _Vector(BaseModel):
    result: list[_Series]


class _QueryAnswer(BaseModel):
    data: _Vector


Answer = TypeVar("Answer", _AlertsAnswer, _QueryAnswer)


class Prometheus:
    """The port `Monitoring`. Without a `url` there is nobody to ask."""

    def __init__(self, url: str | None) -> None:
        self._url = url

    async def look(self) -> Monitored | None:
        if not self._url:
            return None
        api = f"{self._url}/api/v1/"
        try:
            async with httpx.AsyncClient(
                base_url=api, timeout=_DEADLINE_SECONDS, trust_env=False
            ) as client:
                alerts, drills, refused = await asyncio.gather(
                    _ask(client, _AlertsAnswer, "alerts"),
                    _ask(client, _QueryAnswer, "query", query=_DRILLS),
                    _ask(client, _QueryAnswer, "query", query=_REFUSED),
                )
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError) as error:
            raise MonitoringAway(type(error).__name__) from error
        fire = [_to_alert(one) for one in alerts.data.alerts if one.state == "firing"]
        return Monitored(
            sorted(fire, key=lambda one: (not one.is_urgent, one.since)),
            _to_drill(drills.data.result),
            _to_limits_met(refused.data.result),
        )


async def _ask(client: httpx.AsyncClient, kind: type[Answer], path: str, **query: str) -> Answer:
    answer = (await client.get(path, params=query)).raise_for_status()
    return kind.model_validate_json(answer.content)


def _to_alert(one: _Alert) -> Alert:
    return Alert(
        one.labels.get("alertname", ""),
        one.labels.get("severity") == "page",
        one.annotations.get("summary", ""),
        one.annotations.get("runbook_url", "").removeprefix("docs/runbooks/"),
        one.active_at,
    )


def _to_drill(found: list[_Series]) -> Drill:
    """Several hosts may have the file of a drill: the newest of them counts."""
    places: dict[str, dict[str, float]] = {}
    for one in found:
        name = one.metric["__name__"].removeprefix(_PREFIX)
        places.setdefault(one.metric.get("instance", ""), {})[name] = one.value[1]
    passed, failed = "completed_timestamp_seconds", "failed_timestamp_seconds"
    last = max(places.values(), key=lambda known: known.get(passed, 0), default={})
    failures = [known[failed] for known in places.values() if failed in known]
    return Drill(
        _moment(last.get(passed)),
        _moment(max(failures, default=None)),
        last.get("rpo_seconds"),
        last.get("rto_seconds"),
    )


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _to_limits_met(found: list[_Series]) -> list[LimitMet]:
    met = [
        LimitMet(one.metric.get("service", ""), one.metric.get("limit", ""), round(one.value[1]))
        for one in found
    ]
    return sorted(
        (one for one in met if one.count), key=lambda one: (-one.count, one.service, one.limit)
    )
