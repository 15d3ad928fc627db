"""Free ports, for processes that tests start."""

import socket


def free_port() -> int:
    """A port of this machine that nothing listened on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
