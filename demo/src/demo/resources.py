"""What a run costs the machine: memory at its highest, and processor time, of the whole stack."""

import asyncio

import psutil

_EVERY_SECONDS = 15.0


class Resources:
    """The stack below its supervisor, and this process. Memory counts shared pages once (PSS)."""

    def __init__(self, supervisor_pid: int) -> None:
        self._roots = (psutil.Process(supervisor_pid), psutil.Process())
        self.peak_bytes = 0

    async def run(self) -> None:
        """Look again and again until cancelled."""
        while True:
            self.peak_bytes = max(self.peak_bytes, await asyncio.to_thread(self._memory))
            await asyncio.sleep(_EVERY_SECONDS)

    def cpu_seconds(self) -> float:
        """Since the stack's start; of a process that was killed, too."""
        total = 0.0
        for process in self._processes():
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system + times.children_user + times.children_system
        return total

    def figures(self) -> dict[str, float]:
        """For `demo-result.json`."""
        return {
            "memory_peak_mib": round(self.peak_bytes / 2**20),
            "cpu_seconds": round(self.cpu_seconds(), 1),
        }

    def _memory(self) -> int:
        total = 0
        for process in self._processes():
            try:
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        return total

    def _processes(self) -> set[psutil.Process]:
        """Each once: the stack is below this process if this process started it."""
        return {p for root in self._roots for p in (root, *root.children(recursive=True))}
