"""A service behind a router of its own, where packets can be made to vanish.

Two network namespaces: one for the service's processes, one for the router between it and this
machine. Neither end notices a cut: no link goes down, nothing is refused, packets just do not
arrive. The processes find the servers where they always are, at 127.0.0.1.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from devstack.processes import die_with_parent

BOTH = ("out", "in")
_CUT = "10"  # priority of the rules that make packets vanish


class NotAllowed(Exception):
    """This user, or this machine, may not make network namespaces; the text says why."""


@dataclass(frozen=True)
class Network:
    """`path`: of the namespace of the service; `address`: where its processes listen."""

    path: str
    address: str
    _router: int

    def cut(self, *ports: int, ways: tuple[str, ...] = BOTH) -> None:
        """From now on packets to (`out`) and from (`in`) these servers' ports vanish."""
        for port in ports:
            if "out" in ways:
                self._vanish("iif", "service", "dport", str(port))
            if "in" in ways:
                self._vanish("iif", "machine", "sport", str(port))

    def heal(self) -> None:
        """Packets pass again."""
        while _ip(self._router, "rule", "del", "pref", _CUT, check=False):
            pass

    def reaches(self, port: int) -> bool:
        """Whether a process behind the router can connect to a server, within two seconds."""
        connect = ("timeout", "2", "bash", "-c", f"</dev/tcp/127.0.0.1/{port}")
        return subprocess.run(("nsenter", f"--net={self.path}", *connect)).returncode == 0

    def _vanish(self, *which: str) -> None:
        _ip(self._router, "rule", "add", "pref", _CUT, *which, "ipproto", "tcp", "blackhole")


@contextmanager
def network() -> Iterator[Network]:
    """Both namespaces; they end with the block, and with this process. Raises NotAllowed."""
    here, net = os.getpid(), f"10.231.{os.getpid() % 250}"
    uplink = f"chaos{here}"
    with _namespace() as service, _namespace() as router:
        _ip(here, "link", "add", uplink, *_to(router, "machine"))
        _ip(router, "link", "add", "service", *_to(service, "router"))
        for where, link, address in (
            (here, uplink, f"{net}.1/30"),
            (router, "machine", f"{net}.2/30"),
            (router, "service", f"{net}.5/30"),
            (service, "router", f"{net}.6/30"),
        ):
            _ip(where, "addr", "add", address, "dev", link)
            _ip(where, "link", "set", link, "up")
            # Packets for 127.0.0.1 may come and go by this link: the servers listen there only.
            _inside(where, "sysctl", "-qw", f"net.ipv4.conf.{link}.route_localnet=1")
        _inside(router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        _ip(here, "route", "add", f"{net}.4/30", "via", f"{net}.2")
        _ip(router, "route", "add", "127.0.0.1", "via", f"{net}.1")
        _ip(service, "route", "add", f"{net}.0/30", "via", f"{net}.5")
        _ip(service, "route", "add", "127.0.0.1", "via", f"{net}.5", "src", f"{net}.6")
        yield Network(f"/proc/{service}/ns/net", f"{net}.6", router)


@contextmanager
def _namespace() -> Iterator[int]:
    """The id of a process that keeps a network namespace open."""
    if os.geteuid() != 0:
        raise NotAllowed("only root may make network namespaces")
    holder = subprocess.Popen(
        ("unshare", "--net", "sh", "-c", "echo; exec sleep infinity"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=die_with_parent(),
    )
    try:
        assert holder.stdout
        assert holder.stderr
        if not holder.stdout.readline():
            raise NotAllowed(holder.stderr.read().decode().strip())
        yield holder.pid
    finally:
        holder.kill()
        holder.communicate()


def _to(where: int, name: str) -> tuple[str, ...]:
    """The other end of a virtual cable."""
    return ("type", "veth", "peer", "name", name, "netns", str(where))


def _ip(where: int, *command: str, check: bool = True) -> bool:
    return _inside(where, "ip", *command, check=check)


def _inside(where: int, *command: str, check: bool = True) -> bool:
    """Run it in the network namespace of a process; whether it worked. Raises NotAllowed."""
    entered = ("nsenter", f"--net=/proc/{where}/ns/net", *command)
    answer = subprocess.run(entered, capture_output=True, text=True)
    if check and answer.returncode:
        raise NotAllowed(f"{' '.join(command)}: {answer.stderr.strip()}")
    return answer.returncode == 0
