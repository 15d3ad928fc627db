"""Zipkin, to look at traces: in memory, loopback only, started only when asked for."""

from devstack import probes
from devstack.artifacts import Report, java, obtain
from devstack.options import CHECKOUT
from devstack.processes import ProcessSpec
from devstack.servers import Server

LISTING = CHECKOUT / "infra" / "zipkin" / "artifacts.txt"


def server(port: int, report: Report) -> Server:
    """Zipkin on `port`; obtains the jar first. Raises StackError."""
    jars = obtain(LISTING, "zipkin", report)
    url = f"http://127.0.0.1:{port}"
    listener = "-Darmeria.ports[0]"  # without it Zipkin listens on every interface
    argv = (
        *(java(), "-Xmx256m", "-XX:+UseSerialGC"),
        *(f"{listener}.address=127.0.0.1", f"{listener}.port={port}"),
        f"{listener}.protocols[0]=http",
        *("-jar", str(next(jars.glob("*.jar")))),
    )
    spec = ProcessSpec("zipkin", argv, probe=probes.http(f"{url}/health"), url=f"{url}/zipkin/")
    return Server("zipkin", {"ZIPKIN_URL": f"{url}/zipkin/"}, spec)
