"""Pinned programs in Go, built once per user: linters of the Kubernetes manifests from
infra/kubernetes/tools, and Kubernetes' own API server with etcd from infra/kubernetes/api-server.

Go comes from the environment; go.sum has the hash of every module. `python -m support.go_tools`
builds the linters, so that the tests need no network.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from devstack.artifacts import cache_root

KUBERNETES = Path(__file__).parents[2] / "infra" / "kubernetes"
GO = Path(sys.executable).with_name("go")


def go_tool(name: str, module: str = "tools") -> Path:
    """An executable of a module of infra/kubernetes: of its tools `kubeconform` or `kube-score`,
    of the api-server `kube-apiserver` or `server` (etcd). Raises CalledProcessError if Go refuses.
    """
    digest = hashlib.sha256((KUBERNETES / module / "go.sum").read_bytes()).hexdigest()[:12]
    folder = cache_root() / f"go-{module}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "go-tools.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".go-tools-") as scratch:
                _build(KUBERNETES / module, Path(scratch) / "bin")
                (Path(scratch) / "bin").rename(folder)
    return folder / name


def _build(module: Path, target: Path) -> None:
    environment = {**os.environ, "CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
    target.mkdir()
    command = [str(GO), "build", "-ldflags", "-s -w", "-o", f"{target}/", "tool"]
    subprocess.run(command, cwd=module, env=environment, check=True)


if __name__ == "__main__":
    go_tool("kubeconform")
