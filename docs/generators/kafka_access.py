"""docs/generated/kafka-access.md: who may do what on Kafka."""

from collections.abc import Iterable
from pathlib import Path

from servicekit.kafka_rights import MATRIX, SERVICES, SUBSCRIBER_LIMITS, Right, rights_of_subscriber

_HEADER = """# Rights on Kafka

Generated from `servicekit.kafka_rights` by `make docs`; do not edit.

Each service has an account of its own, which its processes share. `apply` of
`python -m servicekit.kafka_access` makes accounts and rights; Kafka refuses everything else.
Whoever may read, write or delete may also describe. Nobody but the administrator's account may
create a topic of the contracts, alter anything, use transactions, or change accounts and rights.

`delete` is of a topic of dead letters: Kafka has one right for its records and the topic itself.
"""


def files(root: Path) -> dict[Path, str]:
    parts = [_HEADER]
    for service in SERVICES:
        parts += [f"## {service}\n", _table(r for r in MATRIX if r.account == service)]
    parts += [
        "## Another system\n",
        "`python -m servicekit.kafka_access add-subscriber hr` makes `subscriber-hr`:\n",
        _table(rights_of_subscriber("hr")),
        "Its limits at each broker (client quotas; a service has none), in bytes per second and in"
        " percent of one thread's time:\n",
        *(f"- `{name}`: {value:,}" for name, value in SUBSCRIBER_LIMITS.items()),
        "",
    ]
    return {Path("docs/generated/kafka-access.md"): "\n".join(parts)}


def _table(rights: Iterable[Right]) -> str:
    """What may be done to each topic, and in which groups."""
    topics: dict[str, list[str]] = {}
    groups = []
    for right in sorted(rights):
        name = f"{right.name}*" if right.prefixed else right.name
        if right.kind == "group":
            groups.append(f"`{name}`")
        else:
            topics.setdefault(name, []).append(right.operation)
    lines = ["| topic | may |", "|---|---|"]
    lines += [f"| `{name}` | {', '.join(operations)} |" for name, operations in topics.items()]
    return "\n".join([*lines, "", f"Consumer groups: {', '.join(groups) or 'none'}", ""])
