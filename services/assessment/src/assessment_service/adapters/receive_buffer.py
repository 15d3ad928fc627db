"""Takes answers out of the event loop's memory.

uvloop receives everything into one buffer, which keeps what was received last beyond the end of
shorter messages. Freed memory is overwritten by the C library (GLIBC_TUNABLES), this buffer is not.
"""

import asyncio
import socket

NAME = "overwrite received"
INTERVAL_SECONDS = 1
_BYTES = 2**16  # more than an answer with its headers


async def overwrite() -> None:
    """Receive zeros."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    with theirs:
        reader, writer = await asyncio.open_connection(sock=ours)
        try:
            sending = asyncio.get_running_loop().sock_sendall(theirs, bytes(_BYTES))
            await asyncio.gather(sending, reader.readexactly(_BYTES))
        finally:
            writer.close()
            await writer.wait_closed()
