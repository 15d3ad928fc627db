"""`python -m workflow_service api worker temporal` runs the service; `migrate` prepares its
database; `rebuild` starts lost workflows again from what is stored."""

from pathlib import Path

from servicekit.runtime import App, service_main
from workflow_service.application.ports import EngineUnavailable
from workflow_service.bootstrap import ROLES, Workflow, build
from workflow_service.settings import Settings


async def rebuild(app: App) -> None:
    """Raises SystemExit with a sentence if Temporal does not answer."""
    assert isinstance(app, Workflow)
    try:
        rollouts, waves = await app.restart_workflows()
    except EngineUnavailable as error:
        raise SystemExit(f"Temporal does not answer ({error}). Start it, then rebuild.") from error
    print(f"{rollouts} rollouts and {waves} running waves have their workflows.")


if __name__ == "__main__":
    service_main(
        "workflow",
        Settings,
        build,
        Path(__file__).parents[2] / "migrations",
        roles=ROLES,
        jobs={"rebuild": rebuild},
    )
