"""A one-time code in, a token out that can answer its round and nothing else.

A code may be redeemed again and again: it always stands for the same subject, and the assessment
service keeps one answer for a subject. So nothing has to be stored when it is used, and nobody can
know which one was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from people_service.application.code_ports import CodesUnitOfWork
from people_service.application.exchange import TokenRules, common_claims
from people_service.application.ports import TokenSigner
from people_service.domain.guessing import EVERYWHERE, WINDOW, Limits
from people_service.domain.sign_in_code import as_read, digest, holds

_CLIENT = "sign-in-code"
"""The client of a token that a code gave: whoever sends a code names no client."""


@dataclass(frozen=True, slots=True)
class Redeemed:
    token: str
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class CodeRefused:
    """A wrong code, or one of a round that has closed: the answer does not say which.

    `locked` says that from now on nobody may try for a while.
    """

    locked: bool


@dataclass(frozen=True, slots=True)
class TooManyFailures:
    """Nobody may try for so long: from this address, or from anywhere."""

    wait: timedelta


async def redeem(
    typed: str,
    place: str,
    uow: CodesUnitOfWork,
    signer: TokenSigner,
    rules: TokenRules,
    limits: Limits,
) -> Redeemed | CodeRefused | TooManyFailures:
    """What becomes of a code that somebody typed. The transaction has to be committed, because it
    counts a failure.

    A place's attempts take their turn here, so that many at once are no more than one by one.
    """
    now = await uow.now()
    if wait := await _wait(place, uow, limits, now):
        return TooManyFailures(wait)
    found = await uow.codes.find(digest(as_read(typed)))
    failures = await uow.failed_attempts.locked(place)
    if wait := failures.wait(limits.per_place, now):
        return TooManyFailures(wait)
    if found is not None:
        code, round_ = found
        lifetime = min(rules.lifetime, _whole_seconds(round_.closes_at - now))
        if holds(round_.is_open, round_.closes_at, now) and lifetime:
            claims = common_claims(str(code.subject), _CLIENT, now, lifetime, rules)
            unit, round_id = round_.unit_id, str(round_.round_id)
            held = {"role": "respondent", "unit": unit, "round": round_id}
            return Redeemed(signer.sign(claims | {"assignments": [held]}), lifetime)
    await uow.failed_attempts.save(place, failures.and_one(limits.per_place, now))
    in_all = await uow.failed_attempts.locked(EVERYWHERE)
    in_all = in_all.and_one(limits.in_all, now)
    await uow.failed_attempts.save(EVERYWHERE, in_all)
    return CodeRefused(locked=in_all.count == limits.in_all)


async def forget_failures(uow: CodesUnitOfWork) -> None:
    """Delete failures that count no more, and the addresses with them."""
    await uow.failed_attempts.forget(await uow.now() - WINDOW)


async def _wait(place: str, uow: CodesUnitOfWork, limits: Limits, now: datetime) -> timedelta:
    seen = await uow.failed_attempts.seen({place, EVERYWHERE})
    return max(failures.wait(limits.at(one), now) for one, failures in seen.items())


def _whole_seconds(length: timedelta) -> timedelta:
    return timedelta(seconds=int(length.total_seconds()))
