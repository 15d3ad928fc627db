"""The workflow service's audit trail."""

from contracts.audit import AuditHead
from contracts.envelope import Event


class AuditHeadSigned(Event, AuditHead, type="workflow.audit.head_signed.v1", key="service"):
    """The end of this service's audit trail was signed. See `contracts.audit`."""
