"""An API at an address of its own, for as long as a test needs it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI


@asynccontextmanager
async def listening(api: FastAPI, listener: socket.socket) -> AsyncIterator[None]:
    """The API answers at the listener's address."""
    server = uvicorn.Server(uvicorn.Config(api, access_log=False, log_config=None))
    running = asyncio.create_task(server._serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await running
