"""A round: one occasion on which one unit's people answer, from opening to anonymity.

    open > closed > anonymised

A *closed* round accepts no more answers and waits for the release of its results. An *anonymised*
round has neither sheets nor secrets any more: until then answers are confidential, afterwards only
results exist. A closed round whose sheets cannot be read may be written off: it counts as
unanswered.

While its unit or its rollout is paused, an open round is *held*: it stays open also past its
closing time (closing_time.py).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args
from uuid import NAMESPACE_URL, UUID, uuid5

from assessment_service.domain.errors import DomainError
from assessment_service.domain.wait import Wait

Occasion = Literal["baseline", "follow_up", "long_term"]
OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)
LONGEST = timedelta(days=366)
_NAMESPACE = uuid5(NAMESPACE_URL, "https://um-platform.example.se/assessment")

Status = Literal["open", "closed", "anonymised"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as last published by the workflow service; `version` grows with each change.

    `dissolved_on` is the first day without it.
    """

    unit_id: str
    parent_id: str | None
    name: str
    headcount: int
    version: int
    dissolved_on: date | None = None


@dataclass(frozen=True, slots=True)
class UnitSnapshot:
    """A unit as it was when its round opened. `path` leads from the root to the unit itself."""

    unit_id: str
    name: str
    path: tuple[str, ...]
    headcount: int


@dataclass(frozen=True, slots=True)
class Release:
    """Rounds whose results are released together, once: same rollout, occasion and instrument.

    One key pair seals their sheets. Without a `wait`, it is complete when its rounds have closed.
    """

    release_id: UUID
    rollout_id: UUID
    occasion: Occasion
    instrument_id: str
    instrument_version: int
    released_at: datetime | None = None
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """One unit's round within a release.

    Pauses have moved `closes_at` by `moved_by` since it was set: at opening, or at `extended_at`.
    """

    round_id: UUID
    release: Release
    unit: UnitSnapshot
    status: Status
    opens_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    write_off_reason: str | None = None
    held_since: datetime | None = None
    moved_by: timedelta = timedelta(0)
    extended_at: datetime | None = None
    extension_reason: str | None = None


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """The unit's people can answer. `together` are the units that it is reported with, and itself;
    none if it is reported by itself."""

    round: Round
    together: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoundClosed:
    """No more answers are accepted."""

    round: Round


@dataclass(frozen=True, slots=True)
class RoundWrittenOff:
    """The round's sheets cannot be read; it counts as one in which nobody answered."""

    round: Round
    at: datetime


@dataclass(frozen=True, slots=True)
class RoundAnonymised:
    """The round's sheets and its release's secrets are destroyed."""

    round: Round
    at: datetime


def round_id(rollout_id: UUID, unit_id: str, occasion: Occasion) -> UUID:
    """The one round that a unit can have on an occasion of a rollout."""
    return uuid5(_NAMESPACE, f"{rollout_id}|{unit_id}|{occasion}")


def check_release(asked: Release, existing: Release) -> None:
    """Rounds may join a release of the same kind until its results are out.

    Raises DomainError `release-mismatch` or `release-already-out`.
    """
    if replace(existing, released_at=None, wait=None) != replace(asked, wait=None):
        raise DomainError(
            "release-mismatch",
            "conflict",
            f"Release {existing.release_id} is for another rollout, occasion or instrument."
            " Use another release_id.",
        )
    if existing.released_at is not None:
        raise DomainError(
            "release-already-out",
            "conflict",
            f"The results of release {existing.release_id} are released. Use a new release_id.",
        )


def check_joining(
    release: Release, closes_at: datetime, deadline: datetime | None, *, has_share: bool
) -> None:
    """A round that would close after the release's deadline cannot join it. Neither can one after
    the custodian's share came: the platform would hold both shares while it is open.

    Raises DomainError `release-takes-no-more`.
    """
    if deadline is not None and closes_at > deadline:
        why = f"comes out by {deadline.isoformat()}, before the round would close"
    elif has_share:
        why = "has its custodian's share already"
    else:
        return
    raise DomainError(
        "release-takes-no-more",
        "conflict",
        f"Release {release.release_id} {why}. Use a new release_id.",
    )


def path(unit_id: str, known: Collection[Unit]) -> tuple[str, ...]:
    """Ids from the highest known unit above down to the unit itself, which need not be known."""
    parents = {unit.unit_id: unit.parent_id for unit in known}
    upwards = [unit_id]
    while (above := parents.get(upwards[-1])) is not None and above not in upwards:
        upwards.append(above)
    return tuple(reversed(upwards))


def snapshot(unit_id: str, known: Collection[Unit]) -> UnitSnapshot:
    """The unit's present state. `known` has the unit, those above it, and those directly below it.

    Raises DomainError `unit-unknown`, `unit-dissolved`, `unit-not-a-leaf` or `unit-without-people`.
    """
    units = {unit.unit_id: unit for unit in known}
    whole_path = path(unit_id, known)
    top = whole_path[0]
    if top not in units or units[top].parent_id is not None:
        raise DomainError(
            "unit-unknown",
            "conflict",
            f"Unit {unit_id}, or one above it, is not known here yet."
            " Import it, or try again shortly.",
        )
    unit = units[unit_id]
    if unit.dissolved_on is not None:
        detail = f"Unit {unit_id} was dissolved on {unit.dissolved_on}."
        raise DomainError("unit-dissolved", "conflict", detail)
    if any(other.parent_id == unit_id and other.dissolved_on is None for other in known):
        detail = f"Unit {unit_id} has units below it; only units without any have rounds."
        raise DomainError("unit-not-a-leaf", "conflict", detail)
    if unit.headcount < 1:
        raise DomainError("unit-without-people", "conflict", f"Unit {unit_id} has no people.")
    return UnitSnapshot(unit_id, unit.name, whole_path, unit.headcount)


def open_round(
    release: Release, unit: UnitSnapshot, opens_at: datetime, closes_at: datetime
) -> tuple[Round, RoundOpened]:
    """A new round for a unit.

    Raises DomainError `window-over`, or `window-too-long` if it would be open for over a year.
    """
    if closes_at <= opens_at:
        where = [{"pointer": "/closes_at", "detail": f"Use a time after {opens_at.isoformat()}."}]
        raise DomainError("window-over", "invalid", "The round would close before it opens.", where)
    if closes_at > (latest := opens_at + LONGEST):
        where = [{"pointer": "/closes_at", "detail": f"Use {latest.isoformat()} at the latest."}]
        raise DomainError(
            "window-too-long", "invalid", "A round can be open for a year at most.", where
        )
    identity = round_id(release.rollout_id, unit.unit_id, release.occasion)
    opened = Round(identity, release, unit, "open", opens_at, closes_at)
    return opened, RoundOpened(opened)


def same_release(existing: Round, release: Release) -> Round:
    """Return the existing round if it belongs to this release.

    Raises DomainError `round-in-other-release`.
    """
    if existing.release.release_id != release.release_id:
        raise other_release_error(existing)
    return existing


def close(round_: Round, at: datetime) -> tuple[Round, RoundClosed | None]:
    """Return the closed round; one that is closed already stays unchanged."""
    if round_.status != "open":
        return round_, None
    closed = replace(round_, status="closed", closed_at=at, held_since=None)
    return closed, RoundClosed(closed)


def write_off(round_: Round, reason: str, at: datetime) -> tuple[Round, RoundWrittenOff]:
    """Return the round without its answers. The caller checks that they cannot be read.

    Raises DomainError `round-not-waiting` unless it is closed, not released, not yet written off.
    """
    released = round_.release.released_at is not None
    if round_.status != "closed" or released or round_.write_off_reason is not None:
        detail = f"Round {round_.round_id} is open, released, or written off already."
        raise DomainError("round-not-waiting", "conflict", detail)
    written_off = replace(round_, write_off_reason=reason)
    return written_off, RoundWrittenOff(written_off, at)


def anonymise(round_: Round, at: datetime) -> tuple[Round, RoundAnonymised]:
    """Return the round after its sheets and secrets were destroyed.

    Raises DomainError `round-not-released` if its results are not out: its answers would be lost.
    """
    if round_.status != "closed" or round_.release.released_at is None:
        detail = f"Round {round_.round_id} is {round_.status} and not released."
        raise DomainError("round-not-released", "conflict", detail)
    anonymised = replace(round_, status="anonymised")
    return anonymised, RoundAnonymised(anonymised, at)


def other_release_error(existing: Round) -> DomainError:
    """The error if a unit's round is requested in a second release."""
    release = existing.release
    return DomainError(
        "round-in-other-release",
        "conflict",
        f"Unit {existing.unit.unit_id} has its {release.occasion} round of this rollout in"
        f" release {release.release_id}.",
    )


def check_unfinished(unfinished: Collection[Round], wanted: Collection[UUID]) -> None:
    """A unit has one unfinished round, whatever the rollout: two that ask the same people at the
    same time could be subtracted from each other. `wanted` are the rounds that would be opened.

    Raises DomainError `unit-has-round`, or `round-in-other-release`.
    """
    for other in unfinished:
        if other.round_id in wanted:
            raise other_release_error(other)
        raise DomainError(
            "unit-has-round",
            "conflict",
            f"Unit {other.unit.unit_id} has a round of rollout {other.release.rollout_id}"
            f" ({other.release.occasion}) whose results are not out. Wait for them.",
        )


def answered_elsewhere_error() -> DomainError:
    """The error if a person with several units answers for a second one in the same release."""
    return DomainError(
        "answered-elsewhere",
        "conflict",
        "You have answered for another of your units in this round. Each person counts once.",
    )


def closed_error(identity: UUID) -> DomainError:
    """The error for a late answer."""
    return DomainError("round-closed", "conflict", f"Round {identity} accepts no more answers.")


def unknown_error(identity: UUID) -> DomainError:
    """The error for a round that does not exist or is outside the caller's scope."""
    return DomainError("round-unknown", "not_found", f"There is no round {identity}.")
