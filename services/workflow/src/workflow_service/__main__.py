"""`python -m workflow_service api worker temporal` runs the service; `migrate` prepares its
database; `rebuild` starts lost workflows again from what is stored; `reconcile` compares with
the other services after a restore."""

from pathlib import Path
from typing import TYPE_CHECKING

from servicekit.runtime import service_main, when_needed
from workflow_service.application.ports import Difference, EngineUnavailable, PeerUnavailable
from workflow_service.application.rollout.reconciling import note, todo
from workflow_service.settings import ROLES, Settings

if TYPE_CHECKING:
    from workflow_service.bootstrap import Workflow


async def rebuild(app: "Workflow") -> None:
    """Raises SystemExit with a sentence if Temporal does not answer."""
    try:
        rollouts, waves = await app.restart_workflows()
    except EngineUnavailable as error:
        raise SystemExit(f"Temporal does not answer ({error}). Start it, then rebuild.") from error
    print(f"{rollouts} rollouts and {waves} running waves have their workflows.")


async def reconcile(app: "Workflow") -> None:
    """Ends with 1 while something is left for a person. Raises SystemExit if a service is away."""
    try:
        found = await app.reconcile()
    except (PeerUnavailable, EngineUnavailable) as error:
        raise SystemExit(f"A service does not answer ({error}): start it.") from error
    for one in found:
        print(_line(one))
    left, notes = sum(bool(todo(one)) for one in found), sum(bool(note(one)) for one in found)
    again = len(found) - left - notes
    print(f"Copies of units compared: {', '.join(app.copies)}")
    if notes:
        print(f"{notes} notes: nothing can be done about them, and they do not count")
    print(f"{again + left} differences: {again} asked for again, {left} for a person")
    if left:
        raise SystemExit(1)


def _line(one: Difference) -> str:
    """Of a difference, for whoever gave the command."""
    unit = f" unit {one.unit_id}," if one.unit_id else ""
    rollout = f" rollout {one.rollout_id}," if one.rollout_id else ""
    what = todo(one) or note(one) or f"{one.what}: asked for again".removeprefix(": ")
    return f"{'note, ' if note(one) else ''}{one.kind} {one.subject}:{unit}{rollout} {what}"


if __name__ == "__main__":
    service_main(
        "workflow",
        Settings,
        when_needed("workflow_service.bootstrap"),
        Path(__file__).parents[2] / "migrations",
        roles=ROLES,
        jobs={"rebuild": rebuild, "reconcile": reconcile},
    )
