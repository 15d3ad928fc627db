"""Dead letters that somebody chose on a page."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from portal_service.domain.forms import whole_number


@dataclass(frozen=True, slots=True)
class Batch:
    """Letters of one consumer group of a service, by their offsets."""

    service: str
    group: str
    offsets: tuple[int, ...]

    def key(self, sent: str, how: str) -> str:
        """By which the service knows that they were sent twice; `sent` is the form's key or ""."""
        return str(uuid5(UUID(sent), f"{how} {self.group} {self.offsets}")) if sent else ""


def batches_of(values: Sequence[str], services: Collection[str]) -> list[Batch]:
    """Of `service/group/offset`, in their order; what is none is left out."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for value in values:
        service, _, rest = value.partition("/")
        group, _, text = rest.rpartition("/")
        offset = whole_number(text)
        if service in services and group and "/" not in group and offset is not None:
            found[service, group].append(offset)
    return [Batch(*place, tuple(offsets)) for place, offsets in found.items()]
