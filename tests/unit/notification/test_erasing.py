"""Erasures that the people service knows, does not know, or does not take."""

from uuid import uuid4

import pytest

from notification_service.application.erasing import confirm_erasures, erase_person
from notification_service.application.ports import ErasureUnknown
from unit.notification.fake_people import FakePeople
from unit.notification.fake_store import Store
from unit.notification.fakes import FakeUnitOfWork


async def test_an_erasure_that_people_does_not_know_is_no_outage() -> None:
    """A handler that raises a ConnectionError is tried again for ever: nothing else is erased."""
    with pytest.raises(ErasureUnknown):
        await erase_person(uuid4(), FakeUnitOfWork(Store()))
    assert not issubclass(ErasureUnknown, OSError)


async def test_a_confirmation_that_is_not_taken_holds_up_no_other() -> None:
    refused, last, unknown = uuid4(), uuid4(), uuid4()
    store = Store(to_forget={refused: "p-0001", last: "p-0002"})
    store.unconfirmed = {refused: {}, unknown: {}, last: {}}
    people = FakePeople(store)
    people.refused = {refused}
    await confirm_erasures(lambda: FakeUnitOfWork(store), people)
    assert store.to_forget == {refused: "p-0001", last: None}
    assert set(store.unconfirmed) == {refused}
