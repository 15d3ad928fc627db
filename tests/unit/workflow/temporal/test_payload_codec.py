"""What Temporal stores cannot be read or changed without the key."""

import base64
import os

import pytest
from temporalio.api.common.v1 import Payload

from unit.workflow.clock import NOW
from unit.workflow.rollout.samples import ADMINISTRATOR, ROLLOUT_ID, new_rollout
from workflow_service.application.ports import ActionRequest
from workflow_service.application.rollout.commands import Advanced, PerformAction
from workflow_service.domain.duration import parse_duration
from workflow_service.domain.rollout import commands as c
from workflow_service.temporal.payload_codec import (
    EncryptionCodec,
    PayloadUnreadable,
    data_converter,
)

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


async def test_sealed_and_opened() -> None:
    codec, plain = EncryptionCodec(KEY), Payload(data=b"reason", metadata={"encoding": b"x"})
    (sealed,) = await codec.encode([plain])

    assert b"reason" not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [plain]
    assert (await codec.encode([plain]))[0].data != sealed.data


async def test_changed_or_of_another_key_is_not_opened() -> None:
    codec = EncryptionCodec(KEY)
    (sealed,) = await codec.encode([Payload(data=b"reason")])
    other = EncryptionCodec(base64.urlsafe_b64encode(os.urandom(32)).decode())
    with pytest.raises(PayloadUnreadable, match="a key that is not known"):
        await other.decode([sealed])

    sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    with pytest.raises(PayloadUnreadable, match="changed"):
        await codec.decode([sealed])


async def test_a_new_key_encrypts_and_the_one_before_is_still_read() -> None:
    new = base64.urlsafe_b64encode(os.urandom(32)).decode()
    before, rotated, after = EncryptionCodec(KEY), EncryptionCodec(new, KEY), EncryptionCodec(new)
    plain = Payload(data=b"reason")
    old, fresh = (await before.encode([plain]))[0], (await rotated.encode([plain]))[0]
    assert await rotated.decode([old, fresh]) == [plain, plain]
    assert await after.decode([fresh]) == [plain]
    with pytest.raises(PayloadUnreadable, match="not known"):
        await after.decode([old])
    # A process that still encrypts with the old key reads the new one once it knows it.
    assert await EncryptionCodec(KEY, new).decode([fresh]) == [plain]


async def test_what_was_never_sealed_passes() -> None:
    plain = Payload(data=b"x", metadata={"encoding": b"json/plain"})
    assert await EncryptionCodec(KEY).decode([plain]) == [plain]


@pytest.mark.parametrize("key", ["", "short", base64.urlsafe_b64encode(bytes(31)).decode(), "å"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="payload key"):
        EncryptionCodec(key)


@pytest.mark.parametrize(
    "command",
    [
        c.StartPilot(),
        c.ExtendPilot(parse_duration("P1M"), "x"),
        c.ApproveDecision(ROLLOUT_ID),
        c.RecordPrerequisite(1, "risk_assessment", "x", NOW.date()),
        c.PauseUnit("unit-1", "x"),
        c.ResumeUnit("unit-1", "x"),
        c.Pause("x"),
        c.Resume("x"),
        c.Stop("x"),
    ],
)
async def test_commands_arrive_as_what_they_are(command: c.AnyCommand) -> None:
    converter = data_converter(KEY)
    sent = PerformAction(ROLLOUT_ID, ActionRequest(command, ADMINISTRATOR, "id", 3))

    (arrived,) = await converter.decode(await converter.encode([sent]), [PerformAction])
    assert arrived == sent
    assert type(arrived.request.command) is type(command)


async def test_a_rollout_arrives_as_it_is() -> None:
    converter, sent = data_converter(KEY), Advanced(new_rollout(), (0,), NOW)

    assert await converter.decode(await converter.encode([sent]), [Advanced]) == [sent]
