"""One person's answers to one instrument, and their form in storage.

The stored form has one byte per item whatever the answers are, so the length of an encrypted sheet
reveals nothing.
"""

from collections.abc import Mapping

from assessment_service.domain.errors import DomainError
from assessment_service.domain.instrument import Instrument

Answers = Mapping[str, int | None]
"""Item id > answer on the scale, or None for "not applicable". An absent item was left out."""

_LEFT_OUT, _NOT_APPLICABLE, _LOWEST = 0, 1, 2


def check(instrument: Instrument, answers: Answers) -> None:
    """Check a sheet; items may be left out, but not all.

    Raises DomainError `answers-empty`, or `answers-invalid`, which lists every wrong item.
    """
    scale = instrument.scale
    known = instrument.item_ids
    wrong = {}
    for item_id, answer in answers.items():
        if item_id not in known:
            wrong[item_id] = "The instrument has no such item."
        elif answer is None:
            if not scale.not_applicable:
                wrong[item_id] = "This instrument has no 'not applicable'."
        elif not scale.low <= answer <= scale.high:
            wrong[item_id] = f"Answer {scale.low} to {scale.high}."
    if not wrong and all(answer is None for answer in answers.values()):
        raise DomainError("answers-empty", "invalid", "Answer at least one item.")
    if wrong:
        errors = [{"pointer": f"/answers/{i}", "detail": detail} for i, detail in wrong.items()]
        raise DomainError(
            "answers-invalid", "invalid", "Some answers do not fit the instrument.", errors
        )


def encode(instrument: Instrument, answers: Answers) -> bytes:
    """A checked sheet as one byte per item, in the instrument's order."""
    return bytes(
        _LEFT_OUT
        if item.item_id not in answers
        else _NOT_APPLICABLE
        if (answer := answers[item.item_id]) is None
        else _LOWEST + answer - instrument.scale.low
        for item in instrument.items
    )


def decode(instrument: Instrument, data: bytes) -> Answers:
    """The reverse of `encode`, for the same version of the instrument."""
    return {
        item.item_id: None if byte == _NOT_APPLICABLE else byte - _LOWEST + instrument.scale.low
        for item, byte in zip(instrument.items, data, strict=True)
        if byte != _LEFT_OUT
    }
