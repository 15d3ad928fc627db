"""Runs a function in a process of its own, which ends with it: what it read is in no memory then.

The processes are forked from a server that has read nothing but code (`forkserver`), so one costs
some milliseconds, and inherits no secret of the process that asks.
"""

import asyncio
import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Any, ParamSpec, TypeVar

from servicekit.dumps import forbid_dumps

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
P = ParamSpec("P")
T = TypeVar("T")


class ShortLived:
    """Short-lived processes of one kind. `modules` are imported once, by the server."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._modules = list(modules)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns in its process, or raise what it raises there.

        Function, arguments and result are pickled. Cancelling ends the process. Raises
        RuntimeError if it ends without an answer.
        """
        self._context.set_forkserver_preload(self._modules)
        answers, sender = self._context.Pipe(duplex=False)
        work = (sender, function, args, kwargs)
        process = self._context.Process(target=_answer, args=work)
        await asyncio.to_thread(process.start)
        sender.close()
        try:
            outcome = await asyncio.to_thread(_received, answers)
        finally:
            process.kill()
            await asyncio.to_thread(process.join)
            answers.close()
        if isinstance(outcome, Exception):
            raise outcome
        result: T = outcome[0]
        return result


def end_with(parent: int) -> None:
    """End this process, a helper of a short-lived one, when that one ends, however it ends (Linux).

    `parent` is its process id.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # It ended before.
        os._exit(1)


def _received(answers: Connection) -> Any:
    try:
        return answers.recv()
    except EOFError:
        return RuntimeError("the short-lived process ended without an answer")


def _answer(
    sender: Connection, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
) -> None:
    forbid_dumps()
    try:
        sender.send((function(*args, **kwargs),))
    except Exception as error:
        # Without its cause and its frames, which could contain what was read.
        sender.send(error.with_traceback(None))
