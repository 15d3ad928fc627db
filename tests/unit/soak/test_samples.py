"""What grows is found; what is only uneven is not."""

import os
from mmap import mmap
from pathlib import Path

from soak.samples import Change, Sample, change, sample

HOUR, MEGABYTE = 3600, 1024**2


def hours(memory_at_end: float, more_files: int = 0, pids: int = 1) -> Change:
    """Of two hours that begin at 200 MB and 40 files; memory is a little uneven."""
    samples = [
        Sample(
            seconds=second,
            pid=second * pids // (2 * HOUR),
            memory=int((200 + (memory_at_end - 200) * second / (2 * HOUR)) * MEGABYTE)
            + second % 7 * 10_000,
            files=40 + more_files * second // (2 * HOUR) + second % 3,
        )
        for second in range(0, 2 * HOUR, 10)
    ]
    return change(samples)


def test_what_stays_as_it_is_has_no_fault() -> None:
    assert hours(203).faults(is_long=True) == []


def test_memory_that_grows_is_found() -> None:
    grown = hours(206)
    assert 1.4 < grown.percent_per_hour < 1.6
    assert grown.faults(is_long=True) == ["memory grows by 1.5 % per hour"]
    assert grown.faults(is_long=False) == []


def test_files_that_are_not_closed_are_found() -> None:
    assert hours(200, more_files=20).faults(is_long=False) == ["16 more files are open"]


def test_a_process_that_was_started_again_is_found() -> None:
    assert hours(200, pids=3).faults(is_long=False) == ["it was started again 2 times"]


def test_a_process_is_read(tmp_path: Path) -> None:
    before = sample(os.getpid(), 0)
    kept = mmap(-1, 50 * MEGABYTE)  # not from memory that the process has already
    kept.write(bytes(50 * MEGABYTE))
    files = [(tmp_path / str(number)).open("w") for number in range(10)]
    after = sample(os.getpid(), 1)
    assert after.memory - before.memory > 45 * MEGABYTE
    assert after.files - before.files == 10
    for file in files:
        file.close()
    kept.close()
