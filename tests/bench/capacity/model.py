"""What a region of a given size needs, from what each piece of work costs.

The demand is that of the busiest hour. Everything in `Region` is an assumption, to be replaced by a
region's own numbers; `Costs` are measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

BUSIEST_HOUR = 0.1
"""Of all visits to a round, which is open for two weeks: most come soon after the mail."""
MAIL_HOURS = 4
"""The mails of a wave are out after so many hours."""
WAVE_HOURS = 8
"""The units of the largest wave take a step within so many hours."""
BUSY = 0.5
"""A process or processor is planned to be busy for half of the time."""
BROKERS, DATABASES, TEMPORALS = 3, 2, 2
"""Servers, for availability: replicated three times, a primary with a standby, two frontends."""


@dataclass(frozen=True)
class Region:
    """People; each unit has 20. A wave takes a tenth of the units; four in five people answer, and
    look at five pages then. A unit's step is ten events, and each mail is one. Three mails per
    person and occasion: invitation, reminder, results."""

    employees: int

    @property
    def rates(self) -> Mapping[str, float]:
        """Pieces of work per second in the busiest hour, by kind."""
        asked = self.employees / 10
        visits = 0.8 * asked * BUSIEST_HOUR / 3600
        units = self.employees / 20 / 10
        mails = 3 * asked / (MAIL_HOURS * 3600)
        steps = units / (WAVE_HOURS * 3600)
        return {
            "visits": visits,
            "pages": 5 * visits,
            "mails": mails,
            "journeys": steps,
            "events": 10 * steps + mails,
        }


Costs = Mapping[str, Mapping[str, float]]
"""Kind of work > process > microseconds of processor time for one piece."""


def cores(rates: Mapping[str, float], costs: Costs) -> dict[str, float]:
    """Processors that each process keeps busy."""
    found: dict[str, float] = {}
    for work, rate in rates.items():
        for process, cost in costs[work].items():
            found[process] = found.get(process, 0.0) + rate * cost / 1e6
    return found


@dataclass(frozen=True)
class Need:
    """Processes by kind; processors, GiB of memory and synchronous writes per second in all."""

    processes: Mapping[str, int]
    cores: float
    memory: float
    iops: float


def need(
    region: Region, costs: Costs, memory: Mapping[str, float], syncs: Mapping[str, float]
) -> Need:
    """What is planned: everything busy for half of the time, and no process alone.

    `memory`: GiB of one process, by its name. `syncs`: writes that PostgreSQL waits for, of one
    piece of work.
    """
    rates = region.rates
    busy = cores(rates, costs)
    processes = {name: max(2, ceil(used / BUSY)) for name, used in busy.items()}
    processes |= {"postgres": DATABASES, "kafka": BROKERS, "temporal": TEMPORALS}
    return Need(
        processes,
        sum(busy.values()) / BUSY,
        sum(count * memory[name] for name, count in processes.items()),
        sum(rate * syncs[work] for work, rate in rates.items()),
    )
