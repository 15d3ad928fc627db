"""The JSON document of a template, as it is registered and stored, read into the domain's types.

The API's schema (entrypoints/http/template_schemas.py) has checked its shape before.
"""

from collections.abc import Mapping
from typing import Any

from workflow_service.domain.duration import parse_duration
from workflow_service.domain.template import template as t


def template_of(document: Mapping[str, Any]) -> t.RolloutTemplate:
    """The template in a document of the right shape."""
    steps, gate, waves = document["steps"], document["pilot_gate"], document["waves"]
    return t.RolloutTemplate(
        template_id=document["template_id"],
        version=document["version"],
        name=t.Text(**document["name"]),
        steps=t.Steps(
            preparation=t.Preparation(parse_duration(steps["preparation"]["min_duration"])),
            baseline=_round(steps["baseline"]),
            modules=t.Modules(
                tuple(steps["modules"]["module_ids"]),
                parse_duration(steps["modules"]["min_duration"]),
            ),
            follow_up=_round(steps["follow_up"]),
            after_care=t.AfterCare(
                tuple(parse_duration(each) for each in steps["after_care"]["checkpoints"])
            ),
        ),
        pilot_gate=t.Gate(gate["name"], tuple(t.Criterion(**each) for each in gate["criteria"])),
        waves=t.Waves(
            size=waves["size"],
            verified_after=waves["verified_after"],
            order=waves["order"],
            gap=parse_duration(waves["gap"]),
        ),
        minutes_asked=t.MinutesAsked(**document["minutes_asked"]),
    )


def _round(document: Mapping[str, Any]) -> t.Round:
    within = document.get("release_within")
    return t.Round(
        window=parse_duration(document["window"]),
        instrument=t.InstrumentRef(**document["instrument"]),
        release_within=parse_duration(within) if within else None,
    )
