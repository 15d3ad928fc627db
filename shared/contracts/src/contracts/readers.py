"""Who reads which topic: every consumer group, and who reads without one."""

from collections.abc import Mapping
from types import MappingProxyType

from contracts.registry import TOPICS

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "assessment.erasures": ("people.person",),
        "assessment.pauses": ("workflow.journey", "workflow.rollout"),
        "assessment.rollouts": ("workflow.rollout",),
        "assessment.stopped-journeys": ("workflow.journey",),
        "assessment.units": ("workflow.unit",),
        "content.erasures": ("people.person",),
        "content.rollouts": ("workflow.rollout",),
        "content.units": ("workflow.unit",),
        "notification.delegations": ("people.delegation",),
        "notification.erasures": ("people.person",),
        "notification.results": ("assessment.results",),
        "notification.round-invitations": ("assessment.round", "people.unit"),
        "notification.unit-messages": (
            *("content.assignment", "people.unit"),
            *("workflow.journey", "workflow.rollout"),
        ),
        "notification.units": ("workflow.unit",),
        "notification.webhooks": tuple(
            topic.name for topic in TOPICS.values() if topic.audience == "external"
        ),
        "people.rounds": ("assessment.round",),
        "people.unit-tree": ("workflow.unit",),
        "people.units": ("workflow.unit",),
        "workflow.corrections": ("content.action", "content.meeting"),
        "workflow.erasures": ("people.person",),
        "workflow.evidence": (
            *("assessment.results", "content.action", "content.assignment", "content.meeting"),
            "people.unit",
        ),
        "workflow.references": ("assessment.instrument", "assessment.round", "content.module"),
    }
)
"""Consumer group > its topics. A group is named after its service."""

PORTAL_READS = tuple(
    topic.name
    for topic in TOPICS.values()
    if topic.owner in ("assessment", "content", "workflow")
    and topic.audience == "internal"
    and not topic.name.endswith(".audit")
)
"""What the portal reads, without a group, to show open pages anew."""
