"""What the entrypoints need from the application object; bootstrap builds it."""

from datetime import timedelta
from typing import Protocol, cast

from fastapi import Request

from assessment_service.application.answering import Answering, PersonalProfile
from assessment_service.application.ports import Workflow
from assessment_service.application.reading import Reading
from assessment_service.application.reminding import RemindingUnitOfWork
from assessment_service.application.sealing_ports import ReleaseKeys, Vault
from assessment_service.application.self_testing import Auditor, SelfTestingUnitOfWork
from assessment_service.domain.instrument import Instrument
from assessment_service.domain.privacy_rule import PrivacyRule
from servicekit.db import Transaction
from servicekit.rate import Rate


class AssessmentTransaction(RemindingUnitOfWork, SelfTestingUnitOfWork, Transaction, Protocol):
    """A unit of work that commits on a clean exit."""


class AssessmentApp(Protocol):
    """The service as its entrypoints see it."""

    @property
    def answering(self) -> Answering: ...

    @property
    def reading(self) -> Reading: ...

    def instrument_json(self, instrument: Instrument) -> bytes:
        """An instrument as the API shows it."""

    def profile_json(self, profile: PersonalProfile) -> bytes:
        """A profile as the API shows it."""

    @property
    def reminder_rate(self) -> Rate: ...

    @property
    def keys(self) -> ReleaseKeys: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def auditor(self) -> Auditor: ...

    @property
    def workflow(self) -> Workflow: ...

    @property
    def rule(self) -> PrivacyRule: ...

    @property
    def keys_forgotten_after(self) -> timedelta:
        """How long after a release no process remembers its rounds' secrets any more."""

    def uow(self) -> AssessmentTransaction: ...


def app_of(request: Request) -> AssessmentApp:
    return cast(AssessmentApp, request.app.state.app)
