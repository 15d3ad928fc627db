"""Runs recorded workflow histories through today's code, without a server."""

import base64

from temporalio.worker import Replayer

from workflow_service.temporal.payload_codec import data_converter
from workflow_service.temporal.rollout import RolloutWorkflow
from workflow_service.temporal.tracing import TracePropagation
from workflow_service.temporal.wave import WaveWorkflow

# The key of tests/integration/workflow/programme.py, where histories are recorded.
KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


def replayer(rollout: type = RolloutWorkflow, wave: type = WaveWorkflow) -> Replayer:
    """Its `replay_workflow(history)` raises if the code would have done something else."""
    return Replayer(
        workflows=[rollout, wave],
        data_converter=data_converter(KEY),
        interceptors=[TracePropagation()],
    )
