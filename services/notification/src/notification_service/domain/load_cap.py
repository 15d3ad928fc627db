"""Nobody is asked too often: a cap on invitations to rounds per person, over all units."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Band = Literal["1-4", "5-9", "10 or more"]


@dataclass(frozen=True, slots=True)
class LoadCap:
    """At most so many invitations to rounds per person within this time."""

    invitations: int
    within: timedelta


@dataclass(frozen=True, slots=True)
class Invitation:
    """That somebody was invited to a round. It does not say whether they answered."""

    recipient_id: str
    round_id: UUID
    release_id: UUID
    invited_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """Who is invited to a round now, and how many of its unit are not, because of the cap."""

    invited: Sequence[str]
    over_cap: int


def admit(
    round_id: UUID,
    release_id: UUID,
    recipients: Iterable[str],
    past: Iterable[Invitation],
    cap: LoadCap,
    now: datetime,
) -> Admission:
    """Whom to invite to a round. `past` has the recipients' invitations, older ones included.

    Nobody is asked twice in one release, in whichever units they work.
    """
    by_recipient: dict[str, list[Invitation]] = defaultdict(list)
    for one in past:
        by_recipient[one.recipient_id].append(one)
    invited, over_cap = [], 0
    for recipient in sorted(set(recipients)):
        theirs = by_recipient[recipient]
        if any(one.round_id == round_id or one.release_id == release_id for one in theirs):
            continue
        if sum(one.invited_at > now - cap.within for one in theirs) >= cap.invitations:
            over_cap += 1
        else:
            invited.append(recipient)
    return Admission(invited, over_cap)


def band(count: int) -> Band:
    """A number of people of a unit as others may see it; from 1 on."""
    if count < 5:
        return "1-4"
    return "5-9" if count < 10 else "10 or more"
