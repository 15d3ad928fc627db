"""Starts lost workflows again from what is stored. Starting one that runs changes nothing, so this
may run at any time and any number of times."""

from workflow_service.application.ports import Engine, OpenUnitOfWork


async def restart_workflows(open_uow: OpenUnitOfWork, engine: Engine) -> tuple[int, int]:
    """Make sure that every rollout under way, and every running wave, has its workflow.

    Returns how many rollouts and waves there are. Raises EngineUnavailable.
    """
    async with open_uow() as uow:
        rollouts = await uow.rollouts.going()
    waves = [(state.rollout_id, wave) for state in rollouts for wave in state.running_waves]
    for state in rollouts:
        await engine.start_rollout(state.rollout_id)
    for rollout_id, wave in waves:
        await engine.start_wave(rollout_id, wave)
    return len(rollouts), len(waves)
