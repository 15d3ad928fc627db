"""What this service publishes: facts about units, delegations and erasures; nobody is named."""

from people_service.domain.delegation import DelegationEndApproached
from people_service.domain.erasure import PersonErased
from people_service.domain.management import UnitManagerChanged
from people_service.domain.membership import MembersJoined

DomainEvent = DelegationEndApproached | MembersJoined | PersonErased | UnitManagerChanged

__all__ = [
    "DelegationEndApproached",
    "DomainEvent",
    "MembersJoined",
    "PersonErased",
    "UnitManagerChanged",
]
